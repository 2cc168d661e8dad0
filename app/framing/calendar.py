"""Times as a page tells them: in one zone, which is named, and in the reader's language."""

from datetime import datetime, tzinfo

from babel import Locale
from babel.dates import format_date, format_time

_HOUR = 3600


class Calendar:
    """Days and hours of one zone, in one language.

    Args:
        zone: of the newsroom.
        locale: whose words.
    """

    def __init__(self, zone: tzinfo, locale: Locale) -> None:
        self._zone = zone
        self._locale = locale

    def clock(self, at: datetime) -> str:
        """`20:17 UTC`."""
        return f"{self._time(at, 'HH:mm')} {self.zone(at)}"

    def clock_seconds(self, at: datetime) -> str:
        """`20:17:40 UTC`."""
        return f"{self._time(at, 'HH:mm:ss')} {self.zone(at)}"

    def date(self, at: datetime) -> str:
        """`1969-07-20`: the day in this zone, for programs."""
        return f"{at.astimezone(self._zone):%Y-%m-%d}"

    def day(self, at: datetime) -> str:
        """`20 July 1969`."""
        return format_date(at.astimezone(self._zone).date(), "long", self._locale)

    def weekday(self, at: datetime) -> str:
        """`Sunday 20 July 1969`."""
        return format_date(at.astimezone(self._zone).date(), "full", self._locale)

    def zone(self, at: datetime) -> str:
        """What the zone is called at that time: `UTC`, `BST`, `UTC+4`."""
        name = self._time(at, "z")
        # Where a language has no short name for a zone, its difference says more than digits.
        return name if name[-1:].isalpha() else _difference(at.astimezone(self._zone))

    def zone_in_full(self, at: datetime) -> str:
        """What the zone is called at that time, in words."""
        return self._time(at, "zzzz")

    def _time(self, at: datetime, pattern: str) -> str:
        return format_time(at, pattern, tzinfo=self._zone, locale=self._locale)


def _difference(at: datetime) -> str:
    offset = at.utcoffset()
    seconds = int(offset.total_seconds()) if offset else 0
    hours, rest = divmod(abs(seconds), _HOUR)
    minutes = f":{rest // 60:02}" if rest else ""
    return f"UTC{'-' if seconds < 0 else '+'}{hours}{minutes}"
