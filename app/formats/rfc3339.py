"""Times as text: RFC 3339 in UTC with milliseconds; a date alone is a `full-date` of it."""

from datetime import UTC, date, datetime


def format_time(time: datetime) -> str:
    """Format a time as RFC 3339 in UTC with milliseconds and `Z`."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def parse_time(text: str) -> datetime:
    """Parse a time that `format_time` wrote.

    Raises:
        ValueError: it is not a time in ISO 8601.
    """
    return datetime.fromisoformat(text)


def format_optional_time(time: datetime | None) -> str | None:
    """Format a time; None stays None."""
    return None if time is None else format_time(time)


def parse_optional_time(text: str | None) -> datetime | None:
    """Parse a time; None stays None."""
    return None if text is None else parse_time(text)


def format_date_or_time(when: date) -> str:
    """Format a time as `format_time` does, and a date without a time as `1969-07-20`."""
    return format_time(when) if isinstance(when, datetime) else when.isoformat()


def parse_date_or_time(text: str) -> date:
    """Parse what `format_date_or_time` wrote.

    Raises:
        ValueError: it is neither a date nor a time in ISO 8601.
    """
    return parse_time(text) if "T" in text else date.fromisoformat(text)
