"""Typed access to a foreign document: every refusal names the place and the expected value.

Refuses values of the wrong type. Text is made storable: without lone surrogates, which UTF-8 cannot
encode, and without control characters, which PostgreSQL or a client's parser would reject.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.intake.text_types import replace_controls

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEARS = range(1900, 9999)  # leaves room for every offset at both ends of the range of datetime
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9:]{8})(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:?[0-9]{2})"
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}", re.ASCII)
_MAX_PIXELS = 1_000_000  # pixels
_SIZE = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)
_TYPES: dict[type, str] = {
    type(None): "nothing",
    bool: "true or false",
    str: "a text",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "an object",
}


class IntakeError(ValueError):
    """The document does not have the shape of its format.

    `where` is a JSON pointer (RFC 6901) into the document, empty for the document itself; `detail`
    says what was expected there.
    """

    def __init__(self, where: str, detail: str) -> None:
        super().__init__(f"{where or 'the document'}: {detail}")
        self.where = where
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Part:
    """A place in a document: its value (None if there is none) and its pointer."""

    value: object
    where: str = ""

    @property
    def is_there(self) -> bool:
        """Whether there is a value."""
        return self.value is not None

    def refuse(self, expected: str) -> IntakeError:
        """Return the error that says what was expected here and what was found."""
        actual = _TYPES.get(type(self.value), "an unknown type of value")
        return IntakeError(self.where, f"expected {expected}, found {actual}")

    def required(self, expected: str, kind: type) -> "Part":
        """Return this place if its value has the type `kind`.

        Raises:
            IntakeError: the value has another type.
        """
        if not isinstance(self.value, kind):
            raise self.refuse(expected)
        return self

    def at(self, key: str) -> "Part":
        """Return the place of an object's key; a missing value has places without values.

        Raises:
            IntakeError: the value is not an object.
        """
        if self.value is not None and not isinstance(self.value, dict):
            raise self.refuse("an object")
        return self.peek(key)

    def peek(self, key: str) -> "Part":
        """Like `at`, but returns a place without a value if this is not an object."""
        step = key.replace("~", "~0").replace("/", "~1")
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return Part(value, f"{self.where}/{step}")

    def items(self) -> list["Part"]:
        """Return the places of a list's items, in order; empty if there is no value.

        Raises:
            IntakeError: the value is not a list.
        """
        if self.value is not None and not isinstance(self.value, list):
            raise self.refuse("a list")
        return self.items_if_any()

    def items_if_any(self) -> list["Part"]:
        """Like `items`, but empty if this is not a list."""
        values = self.value if isinstance(self.value, list) else []
        return [Part(value, f"{self.where}/{n}") for n, value in enumerate(values)]

    def text(self) -> str:
        """Return the text of a required field.

        Raises:
            IntakeError: there is no text, or only white space.
        """
        if not isinstance(self.value, str):
            raise self.refuse("a text")
        text = self.text_or_blank()
        if not text.strip():
            raise IntakeError(self.where, "expected a text, found a blank one")
        return text

    def text_or_blank(self) -> str:
        """Return the text of an optional field; blank if there is none.

        Raises:
            IntakeError: the value is not a text.
        """
        if self.value is not None and not isinstance(self.value, str):
            raise self.refuse("a text")
        return self.text_if_any()

    def text_if_any(self) -> str:
        """Return the text, or a blank text for any other value."""
        if not isinstance(self.value, str):
            return ""
        return replace_controls(_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", self.value))

    def flag(self) -> bool:
        """Return a Boolean; false if there is no value.

        Raises:
            IntakeError: the value is not a Boolean.
        """
        if self.value is None or isinstance(self.value, bool):
            return bool(self.value)
        raise self.refuse("true or false")

    def size(self) -> int | None:
        """Return a count or a number of pixels, from a number or digits; None for anything else."""
        if isinstance(self.value, str):
            return int(self.value) if _SIZE.fullmatch(self.value) else None
        if isinstance(self.value, int) and 0 < self.value < _MAX_PIXELS:
            return int(self.value)
        return None

    def language(self, fallback: str) -> str:
        """Return a language tag (BCP 47), or `fallback` if there is no value.

        Raises:
            IntakeError: the value is no language tag.
        """
        text = self.text_or_blank().strip().replace("_", "-")
        if text and not _LANGUAGE.fullmatch(text):
            raise IntakeError(self.where, "expected a language tag like en or de-AT")
        return text or fallback

    def time_from_millis(self) -> datetime:
        """Return the time from a number of milliseconds since 1970.

        Raises:
            IntakeError: the value is no such number.
        """
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise self.refuse("a time in milliseconds since 1970")
        try:
            return self._checked(_EPOCH + timedelta(milliseconds=self.value))
        except OverflowError:
            raise IntakeError(self.where, "expected a time from 1900 on") from None

    def time_from_text(self) -> datetime:
        """Return the time from an RFC 3339 text, to the millisecond.

        Raises:
            IntakeError: the value is no such text.
        """
        match = _TIME.fullmatch(self.text())
        if not match:
            raise IntakeError(self.where, "expected a time like 2026-03-01T12:00:00Z")
        day, clock, fraction, offset = match.groups("")
        try:
            moment = datetime.fromisoformat(f"{day}T{clock}{fraction[:7]}{offset.upper()}")
        except ValueError:
            raise IntakeError(self.where, "expected a time that exists") from None
        return self._checked(moment)

    def _checked(self, moment: datetime) -> datetime:
        if moment.year not in _YEARS:
            raise IntakeError(self.where, "expected a time from 1900 on")
        moment = moment.astimezone(UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
