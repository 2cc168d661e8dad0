"""Types for text, times and names in forms and queries.

Refuses characters that a channel could not show or a database could not store: control characters,
NUL, line ends in one-line fields, times without an offset. Strips white space at both ends.
"""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    TypeAdapter,
)

from app.formats.rfc3339 import format_date_or_time
from app.timeline.visible_text import is_visible

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LINE_ENDS = re.compile(r"[\x0b\x0c\x85\u2028\u2029]")
_UNPRINTED = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LANGUAGE = r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"
_URL = re.compile(r"[Hh][Tt][Tt][Pp][Ss]?://[^\s/?#]+[^\s]*")
_LOST_PLUS = re.compile(r"(?<=\d) (?=\d\d:\d\d$)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d.*", re.ASCII | re.DOTALL)


def validation_message(message: str) -> str:
    """Return a validator's message without pydantic's prefix."""
    return message.removeprefix("Value error, ")


def check_line(text: str) -> str:
    """Validate one line of text, and strip it.

    Raises:
        ValueError: it contains a line end or another control character.
    """
    if _LINE.search(text):
        raise ValueError("must be one line without control characters")
    return text.strip()


def check_text(text: str) -> str:
    """Validate text of any number of lines; it is returned unchanged.

    Raises:
        ValueError: it contains control characters other than tabs and line ends.
    """
    if _CONTROLS.search(text):
        raise ValueError("must not hold control characters")
    return text


def replace_controls(text: str) -> str:
    """Replace control characters of layout programs by line ends, and all others by spaces.

    For bodies, which are pasted from any source: neither the journal nor clients' parsers could
    process control characters.
    """
    return _UNPRINTED.sub(" ", _LINE_ENDS.sub("\n", text))


def at_most(characters: int) -> AfterValidator:
    """Limit the length of a text, with an error message that speaks of characters.

    Behind another validator, pydantic's own limit no longer knows the type and speaks of items.
    """

    def check(text: str) -> str:
        if len(text) > characters:
            raise ValueError(f"must have {characters} characters at most")
        return text

    return AfterValidator(check)


def check_visible(text: str) -> str:
    """Validate a required text.

    Raises:
        ValueError: it is empty, or has no visible character.
    """
    if not text:
        raise ValueError("must not be empty")
    return check_visible_or_empty(text)


def check_visible_or_empty(text: str) -> str:
    """Validate a text that may be empty, but not consist of invisible characters alone.

    Raises:
        ValueError: it has characters, but no visible one.
    """
    if text and not is_visible(text):
        raise ValueError("holds nothing that can be seen")
    return text


def _web_address(text: str) -> str:
    if not _URL.fullmatch(text):
        raise ValueError("must be an http or https address")
    return text


def _is_time(value: object) -> object:
    # A bare number would be read as seconds since 1970.
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise ValueError("must be a time as in RFC 3339: 1969-07-20T20:17:40Z")
    return value


def _restore_plus(value: object) -> object:
    # After a time of day, a space can only be the offset's sign; otherwise it precedes the time.
    if isinstance(value, str) and len(value) > len("2026-01-01 00:00"):
        return _LOST_PLUS.sub("+", value)
    return value


def _to_milliseconds(moment: datetime) -> datetime:
    try:
        moment = moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("must lie within the years 1 to 9999 in UTC") from error
    return moment - timedelta(microseconds=moment.microsecond % 1000)


def _integer(value: object) -> object:
    # `1.0` is an integer in JSON Schema, but not in Python.
    return int(value) if isinstance(value, float) and value.is_integer() else value


# It comes after the bounds of an int: before them, it would hide them from the schema.
Integral = BeforeValidator(_integer)
Text = Annotated[str, AfterValidator(check_text)]
Line = Annotated[str, AfterValidator(check_line)]
_Visible = AfterValidator(check_visible)
_VisibleOrEmpty = AfterValidator(check_visible_or_empty)
_Trimmed = AfterValidator(str.strip)
OptionalLine = Annotated[Line, _VisibleOrEmpty]
Name = Annotated[Line, at_most(200), _Visible]
Statement = Annotated[Line, at_most(500), _Visible]
Tag = Annotated[Line, at_most(100), _Visible]
Paragraph = Annotated[Text, at_most(2000), _Trimmed, _VisibleOrEmpty]
AltText = Annotated[Text, at_most(1000), _Trimmed, _VisibleOrEmpty]
Credit = Annotated[Text, at_most(200), _Trimmed, _VisibleOrEmpty]
PublicNote = Annotated[Paragraph, _Visible]
Language = Annotated[str, StringConstraints(pattern=_LANGUAGE, max_length=35)]
WebAddress = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_web_address)]
# Not strict: the output of our validator counts as a Python value, where strict takes no text.
Moment = Annotated[
    AwareDatetime,
    Field(strict=False),
    BeforeValidator(_is_time),
    AfterValidator(_to_milliseconds),
]
# In a query `+` encodes a space, so an unescaped offset arrives without its sign.
QueryMoment = Annotated[Moment, BeforeValidator(_restore_plus)]


_MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)


def _as_of(value: object) -> date:
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return date.fromisoformat(value)
        return _MOMENT.validate_python(value)
    except ValueError as error:
        raise ValueError(
            "must be a date as in 1969-07-20, or a time as in RFC 3339: 1969-07-20T20:17:40Z"
        ) from error


# A datetime is a date too, in Python.
AsOf = Annotated[
    date, PlainValidator(_as_of), PlainSerializer(format_date_or_time, when_used="json")
]
