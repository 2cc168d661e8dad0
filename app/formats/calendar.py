"""Times as a page tells them: in one zone, which is named, and in the reader's language."""

import re
from datetime import datetime, tzinfo

from babel import Locale
from babel.dates import format_date, format_time

_HOUR = 3600
_ABBREVIATION = re.compile(r"[^\W\d_]{2,5}")
_DIGIT = re.compile(r"\d")
_DAY_THEN_CLOCK = re.compile(r"\{1\}([^'{}]*)\{0\}")


class Calendar:
    """Days and hours of one zone, in one language.

    Args:
        zone: of the newsroom.
        locale: whose words.
    """

    def __init__(self, zone: tzinfo, locale: Locale) -> None:
        self._zone = zone
        self._locale = locale
        # Britain has no short names for the zones of America: there they are English words too.
        self._wider = Locale("en") if locale.language == "en" else locale
        glue = _DAY_THEN_CLOCK.fullmatch(str(locale.datetime_formats["medium"]))
        self.between = glue[1] if glue else ", "
        """What stands between a day and a time of it: `, `."""

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
        """`Sunday, 20 July 1969`."""
        return format_date(at.astimezone(self._zone).date(), "full", self._locale)

    def whole(self, at: datetime) -> str:
        """`Sunday, 20 July 1969, 20:17:40 UTC`."""
        return f"{self.weekday(at)}{self.between}{self.clock_seconds(at)}"

    def zone(self, at: datetime) -> str:
        """What the zone is called at that time: `UTC`, `BST`, `UTC+4`."""
        for locale in (self._locale, self._wider):
            name = self._time(at, "z", locale)
            if _ABBREVIATION.fullmatch(name):
                return name
        # Where a language has no short name for a zone, its difference says more than digits.
        return _difference(at.astimezone(self._zone))

    def zone_in_full(self, at: datetime) -> str:
        """What the zone is called at that time, in words: `British Summer Time`."""
        name = self._time(at, "zzzz")
        return self.zone(at) if _DIGIT.search(name) else name

    def _time(self, at: datetime, pattern: str, locale: Locale | None = None) -> str:
        return format_time(at, pattern, tzinfo=self._zone, locale=locale or self._locale)


def _difference(at: datetime) -> str:
    offset = at.utcoffset()
    seconds = int(offset.total_seconds()) if offset else 0
    if not seconds:
        return "UTC"
    hours, rest = divmod(abs(seconds), _HOUR)
    minutes = f":{rest // 60:02}" if rest else ""
    sign = "\N{MINUS SIGN}" if seconds < 0 else "+"  # at a hyphen a line could break
    return f"UTC{sign}{hours}{minutes}"
