"""HTML form for a coverage's head matter: convert fields, and report errors beside each of them.

This module only splits texts into lists and reads times. The forms of the API check the values, so
that the pages and the API refuse the same.
"""

from collections.abc import Mapping
from datetime import tzinfo
from http import HTTPStatus
from typing import Any, TypeVar

from fastapi import Request, Response

from app.access.sessions import Session
from app.desk.pages.layout import render_desk
from app.desk.pages.lead_image import (
    LEAD,
    NO_LEAD,
    chosen_lead,
    find_lead,
    read_lead_words,
    texts_of_lead,
)
from app.desk.pages.wall_time import read_moment, to_wall
from app.desk.words import Words
from app.formats.public_json import dump_json
from app.formats.rfc3339 import format_time
from app.formats.time_patterns import date_patterns
from app.newsroom.forms import CoverageForm
from app.store.coverages import find_coverage, list_originals
from app.timeline.coverage import Coverage
from app.web.json_body import parse_form
from app.web.problems import InvalidPayload
from app.web.services import Services

Form = TypeVar("Form", bound=CoverageForm)
Texts = dict[str, str]

_TIMES = ("starts_at", "ended_at")
EMPTY: Texts = (
    dict.fromkeys(
        ("title", "slug", "kicker", "standfirst", "bylines", "languages", "related", "edition_of"),
        "",
    )
    | {
        "language": "en",
        "status": "planned",
        "entry_bylines": "none",
        "note": "",
        "related.was": "",
    }
    | {field: "" for name in _TIMES for field in (name, f"{name}.moment", f"{name}.was")}
    | NO_LEAD
)
_ORIGINALS = 200  # that are offered; the others are named through the API
_LINES = ("bylines", "related")
_EACH_LANGUAGE = "languages."


class FormErrors(Exception):
    """The errors of a form: a sentence for each field, by the field's name."""

    def __init__(self, by_field: Texts) -> None:
        super().__init__("The form has errors.")
        self.by_field = by_field


def texts_of(coverage: Coverage, zone: tzinfo) -> Texts:
    """Convert a coverage to the texts that its form shows.

    Args:
        coverage: the coverage.
        zone: the newsroom's time zone.
    """
    times: Texts = {}
    for name, moment in zip(_TIMES, (coverage.starts_at, coverage.ended_at), strict=True):
        times[name] = to_wall(moment, zone)
        times[f"{name}.moment"] = times[f"{name}.was"] = format_time(moment) if moment else ""
    related = "\n".join(f"{link.url} {link.title}" for link in coverage.related)
    return (
        EMPTY
        | times
        | texts_of_lead(coverage.lead_image)
        | {
            "title": coverage.title,
            "kicker": coverage.kicker or "",
            "edition_of": coverage.edition_of or "",
            "standfirst": coverage.standfirst or "",
            "language": coverage.language,
            "languages": ", ".join(coverage.languages),
            "bylines": "\n".join(byline.name for byline in coverage.bylines),
            "entry_bylines": coverage.entry_bylines,
            "related": related,
            "related.was": related,
        }
    )


def join_languages(fields: Mapping[str, str]) -> Texts:
    """Return the fields with those of the languages, one for each choice, joined into one."""
    joined = {name: text for name, text in fields.items() if not name.startswith(_EACH_LANGUAGE)}
    if len(joined) < len(fields):
        chosen = [text for name, text in fields.items() if name not in joined and text.strip()]
        joined["languages"] = ", ".join(chosen)
    return joined


def read_head(
    form: type[Form], fields: Mapping[str, str], services: Services, words: Words
) -> Form:
    """Convert the fields of a page's form to a form of the API, and check them.

    Args:
        form: the form of the API.
        fields: the fields as they were sent.
        services: the services, with the operator's limits.
        words: the language of the errors.

    Raises:
        FormErrors: a field is refused.
    """
    try:
        payload = _payload(fields, services.html_renderer.zone)
        known = {name: value for name, value in payload.items() if name in form.model_fields}
        parsed = parse_form(form, dump_json(known), services.limits)
        read_lead_words(fields, services)
    except InvalidPayload as error:
        raise FormErrors(complaints_of(error, words)) from None
    return parsed


def complaints_of(error: InvalidPayload, words: Words) -> Texts:
    """Return a sentence for each field that a payload was refused for, by the field's name."""
    by_field: Texts = {}
    for each in error.errors:
        _, field, *place = each["pointer"].split("/")
        has_lines = field in _LINES and place and place[0].isdigit()
        line = int(place[0]) + 1 if has_lines else None
        by_field.setdefault(field, words.say_detail(each["detail"], field, line))
    return by_field


async def render_form(
    request: Request,
    services: Services,
    signed_in: Session,
    template: str,
    fields: Texts,
    complaints: Texts,
    coverage: Coverage | None = None,
    **context: Any,
) -> Response:
    """Render a page with the form; its status is 422 if there are complaints.

    Args:
        request: the request that it answers.
        services: the application's services.
        signed_in: the session.
        template: the template's name below `desk/`.
        fields: the texts of the fields.
        complaints: a sentence for each field that was refused.
        coverage: the coverage; None for a new one.
        context: further variables of the template.
    """
    caller = signed_in.person.caller
    async with services.store.reading() as session:
        # Those that this one can be an edition of, and the one that it is.
        own = None if caller.role else caller.coverages.keys()
        originals = await list_originals(session, _ORIGINALS, own)
        chosen = coverage and coverage.edition_of
        if chosen and caller.role_in(chosen) and chosen not in {each.slug for each in originals}:
            originals.append(await find_coverage(session, chosen))
    return render_desk(
        request,
        services,
        template,
        session=signed_in,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if complaints else HTTPStatus.OK,
        coverage=coverage,
        originals=[each for each in originals if coverage is None or each.slug != coverage.slug],
        picture=await find_lead(services, caller, fields, coverage),
        fields=fields,
        complaints=complaints,
        zone=services.html_renderer.zone_name,
        now=services.now(),
        date_patterns=date_patterns,
        **context,
    )


def _unchanged(fields: Mapping[str, str], zone: tzinfo) -> set[str]:
    """Return the fields that are as the form showed them, and may have changed since.

    Closing a coverage sets its end, and withdrawing another one takes the links to it away.
    """
    now: dict[str, object] = {n: read_moment(fields, n, zone) for n in _TIMES if n in fields}
    before: dict[str, object] = {name: fields.get(f"{name}.was") for name in now}
    if "related" in fields and "related.was" in fields:
        now["related"], before["related"] = map(_lines, (fields["related"], fields["related.was"]))
    return {name for name in now if now[name] == before[name]}


def _payload(fields: Mapping[str, str], zone: tzinfo) -> dict[str, Any]:
    unchanged = _unchanged(fields, zone)
    fields = {name: text for name, text in fields.items() if name not in unchanged}
    payload: dict[str, Any] = {
        name: fields[name].strip()
        for name in ("slug", "title", "kicker", "language", "status", "entry_bylines")
        if name in fields
    }
    if "edition_of" in fields:
        payload["edition_of"] = fields["edition_of"] or None
    if "standfirst" in fields:
        payload["standfirst"] = " ".join(fields["standfirst"].split())
    if "languages" in fields:
        payload["languages"] = fields["languages"].replace(",", " ").split()
    if "bylines" in fields:
        payload["bylines"] = _lines(fields["bylines"])
    payload |= {name: read_moment(fields, name, zone) or None for name in _TIMES if name in fields}
    if LEAD in fields:
        payload[LEAD] = chosen_lead(fields)
    if "related" in fields:
        links = (line.partition(" ") for line in _lines(fields["related"]))
        payload["related"] = [
            {"url": url, "title": title.strip() or url} for url, _, title in links
        ]
    return payload


def _lines(text: str) -> list[str]:
    return [line for line in map(str.strip, text.splitlines()) if line]
