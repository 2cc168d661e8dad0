"""Headlines and bodies: text whose length is the operator's to choose."""

from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

from app.intake.words import check_line, check_text
from app.web.house import Bounds


def bounds_of(info: ValidationInfo) -> Bounds:
    """The limits that a form is checked against."""
    assert isinstance(info.context, Bounds)
    return info.context


def _headline(text: str, info: ValidationInfo) -> str:
    longest = bounds_of(info).headline
    if len(text) > longest:
        raise ValueError(f"must have {longest} characters at most")
    return check_line(text)


def _source(text: str, info: ValidationInfo) -> str:
    longest = bounds_of(info).body
    if len(text.encode()) > longest:
        raise ValueError(f"must have {longest} bytes at most")
    return check_text(text)


Headline = Annotated[str, AfterValidator(_headline)]
Source = Annotated[str, AfterValidator(_source)]
