"""HTML form for a coverage's head matter: convert fields, and report errors beside each of them.

This module only splits texts into lists. The forms of the API check the values, so that the pages
and the API refuse the same.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from app.desk.words import Words
from app.formats.public_json import dump_json
from app.newsroom.forms import CoverageForm
from app.timeline.coverage import Coverage
from app.web.json_body import parse_form
from app.web.problems import InvalidPayload
from app.web.services import Services

Form = TypeVar("Form", bound=CoverageForm)
Texts = dict[str, str]

EMPTY: Texts = dict.fromkeys(
    ("title", "slug", "kicker", "standfirst", "bylines", "languages", "related"), ""
) | {"language": "en", "status": "planned"}
_LINES = ("bylines", "related")


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
        "standfirst": coverage.standfirst or "",
        "language": coverage.language,
        "languages": ", ".join(coverage.languages),
        "bylines": "\n".join(byline.name for byline in coverage.bylines),
        "related": "\n".join(f"{link.url} {link.title}" for link in coverage.related),
    }


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
        by_field: Texts = {}
        for each in error.errors:
            _, field, *place = each["pointer"].split("/")
            has_lines = field in _LINES and place and place[0].isdigit()
            line = int(place[0]) + 1 if has_lines else None
            by_field.setdefault(field, words.say_detail(each["detail"], line))
        raise FormErrors(by_field) from None


def _payload(fields: Mapping[str, str]) -> dict[str, Any]:
    payload: dict[str, Any] = {
        name: fields[name].strip()
        for name in ("slug", "title", "kicker", "language", "status")
        if name in fields
    }
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
