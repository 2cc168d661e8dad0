"""HTML form for a coverage's head matter: convert fields, and report errors beside each of them.

This module only splits texts into lists. The forms of the API check the values, so that the pages
and the API refuse the same.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from app.access.roles import Caller
from app.desk.words import Words
from app.formats.public_json import dump_json
from app.newsroom.forms import CoverageForm
from app.store.coverages import list_originals
from app.timeline.coverage import Coverage
from app.web.json_body import parse_form
from app.web.problems import InvalidPayload
from app.web.services import Services

Form = TypeVar("Form", bound=CoverageForm)
Texts = dict[str, str]

EMPTY: Texts = dict.fromkeys(
    ("title", "slug", "kicker", "standfirst", "bylines", "languages", "related", "edition_of"), ""
) | {"language": "en", "status": "planned", "entry_bylines": "none", "note": ""}
_LINES = ("bylines", "related")
_EACH_LANGUAGE = "languages."


class FormErrors(Exception):
    """The errors of a form: a sentence for each field, by the field's name."""

    def __init__(self, by_field: Texts) -> None:
        super().__init__("The form has errors.")
        self.by_field = by_field


def texts_of(coverage: Coverage) -> Texts:
    """Convert a coverage to the texts that its form shows."""
    return EMPTY | {
        "title": coverage.title,
        "kicker": coverage.kicker or "",
        "edition_of": coverage.edition_of or "",
        "standfirst": coverage.standfirst or "",
        "language": coverage.language,
        "languages": ", ".join(coverage.languages),
        "bylines": "\n".join(byline.name for byline in coverage.bylines),
        "entry_bylines": coverage.entry_bylines,
        "related": "\n".join(f"{link.url} {link.title}" for link in coverage.related),
    }


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
        return parse_form(form, dump_json(_payload(fields)), services.limits)
    except InvalidPayload as error:
        raise FormErrors(complaints_of(error, words)) from None


def complaints_of(error: InvalidPayload, words: Words) -> Texts:
    """Return a sentence for each field that a payload was refused for, by the field's name."""
    by_field: Texts = {}
    for each in error.errors:
        _, field, *place = each["pointer"].split("/")
        has_lines = field in _LINES and place and place[0].isdigit()
        line = int(place[0]) + 1 if has_lines else None
        by_field.setdefault(field, words.say_detail(each["detail"], field, line))
    return by_field


async def list_offered_originals(services: Services, caller: Caller, slug: str) -> list[Coverage]:
    """Return the coverages that another one can be an edition of.

    Args:
        services: the services, with the store.
        caller: who asks; coverages in which they have no role are left out.
        slug: the coverage that is to be an edition; empty for a new one.
    """
    async with services.store.reading() as session:
        originals = await list_originals(session)
    return [each for each in originals if each.slug != slug and caller.role_in(each.slug)]


def _payload(fields: Mapping[str, str]) -> dict[str, Any]:
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
    if "related" in fields:
        links = (line.partition(" ") for line in _lines(fields["related"]))
        payload["related"] = [
            {"url": url, "title": title.strip() or url} for url, _, title in links
        ]
    return payload


def _lines(text: str) -> list[str]:
    return [line for line in map(str.strip, text.splitlines()) if line]
