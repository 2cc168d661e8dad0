"""Types of headlines and bodies, whose maximal length the operator configures."""

from typing import Annotated

from pydantic import AfterValidator, ValidationInfo, WithJsonSchema

from app.intake.text_types import check_line, check_visible, check_visible_or_empty
from app.web.openapi.limits import LIMIT
from app.web.services import ContentLimits
from app.web.text_types import VISIBLE_LINE, VISIBLE_OR_EMPTY_LINE


def limits_of(info: ValidationInfo) -> ContentLimits:
    """Return the limits that a form is checked against."""
    assert isinstance(info.context, ContentLimits)
    return info.context


def _headline(text: str, info: ValidationInfo) -> str:
    longest = limits_of(info).headline
    if len(text) > longest:
        raise ValueError(f"must have {longest} characters at most")
    return check_line(text)


def _source(text: str, info: ValidationInfo) -> str:
    longest = limits_of(info).body
    if len(text.encode()) > longest:
        raise ValueError(f"must have {longest} bytes at most")
    return text


def _headline_schema(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, LIMIT: "headline"})


Headline = Annotated[
    str,
    AfterValidator(_headline),
    AfterValidator(check_visible_or_empty),
    _headline_schema(VISIBLE_OR_EMPTY_LINE),
]
Title = Annotated[
    str, AfterValidator(_headline), AfterValidator(check_visible), _headline_schema(VISIBLE_LINE)
]
Source = Annotated[str, AfterValidator(_source), WithJsonSchema({"type": "string", LIMIT: "body"})]
