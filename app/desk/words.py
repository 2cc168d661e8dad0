"""Headlines and bodies: text whose length is the operator's to choose."""

from typing import Annotated

from pydantic import AfterValidator, ValidationInfo, WithJsonSchema

from app.intake.words import check_line
from app.web.house import Bounds
from app.web.limits import LIMIT
from app.web.words import LINE, VISIBLE_LINE


def bounds_of(info: ValidationInfo) -> Bounds:
    """The limits that a form is checked against."""
    assert isinstance(info.context, Bounds)
    return info.context


def _headline(text: str, info: ValidationInfo) -> str:
    longest = bounds_of(info).headline
    if len(text) > longest:
        raise ValueError(f"must have {longest} characters at most")
    return check_line(text)


def _some(text: str) -> str:
    if not text:
        raise ValueError("must not be empty")
    return text


def _source(text: str, info: ValidationInfo) -> str:
    longest = bounds_of(info).body
    if len(text.encode()) > longest:
        raise ValueError(f"must have {longest} bytes at most")
    return text


def _told(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, LIMIT: "headline"})


Headline = Annotated[str, AfterValidator(_headline), _told(LINE)]
Title = Annotated[str, AfterValidator(_headline), AfterValidator(_some), _told(VISIBLE_LINE)]
Source = Annotated[str, AfterValidator(_source), WithJsonSchema({"type": "string", LIMIT: "body"})]
