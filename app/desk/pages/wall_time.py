"""Times in a form's fields, as the newsroom's clocks show them."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, tzinfo

from app.formats.rfc3339 import format_time, parse_time


def to_wall(moment: datetime | None, zone: tzinfo) -> str:
    """Return what a field for date and time shows: `2026-03-01T12:00`; empty for no time."""
    if moment is None:
        return ""
    return _on_clocks(moment, zone).isoformat().removesuffix(":00")


def read_moment(fields: Mapping[str, str], name: str, zone: tzinfo) -> str:
    """Return the moment that a field means, in RFC 3339; empty for none.

    A time that the clocks skip counts on from before the gap. Of a time that they show twice it is
    the earlier moment, unless the field beside it, `NAME.moment`, has the other one. A time that is
    left as it was stays the same moment to the millisecond, since that field has it.

    Args:
        fields: the form's fields.
        name: the name of the field with the time.
        zone: the newsroom's time zone.

    Returns:
        A text that is no time as it is: the form of the API refuses it.
    """
    shown = fields[name].strip()
    # OverflowError: in the first and the last year a zone's clocks may show a year that is none.
    with suppress(ValueError, OverflowError):
        wall = datetime.fromisoformat(shown)
        if wall.tzinfo is None:
            named = fields.get(f"{name}.moment")
            if named and _on_clocks(parse_time(named), zone) == wall:
                return named
            return format_time(wall.replace(tzinfo=zone))
    return shown


def _on_clocks(moment: datetime, zone: tzinfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, microsecond=0)
