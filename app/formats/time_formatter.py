"""Time formatter: formats times in one time zone, with its name, and in the reader's language."""

import re
from bisect import bisect_left
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache, partial

from babel import Locale
from babel.dates import format_date, format_time

Day = date  # `date` is a method of the formatter

_HOUR = 3600
_DAYS = 1000  # formatted ones that are kept
_MOST_STEPS = 2_000
_WEEK = 7 * 24 * _HOUR  # two changes of a zone's clocks are further apart
_ABBREVIATION = re.compile(r"[^\W\d_]{2,5}")
_DIGIT = re.compile(r"\d")
_DAY_THEN_CLOCK = re.compile(r"\{1\}([^'{}]*)\{0\}")


class TimeFormatter:
    """Formats dates and times of one zone, in one language.

    Args:
        zone: the newsroom's time zone.
        locale: the language of names and formats.
    """

    def __init__(self, zone: tzinfo, locale: Locale) -> None:
        self._zone = zone
        self._locale = locale
        # British English has no short names for American zones: those of general English are used.
        self._fallback_locale = Locale("en") if locale.language == "en" else locale
        # A page has few days, and each of its renderings repeats them.
        self._format_day = lru_cache(_DAYS)(self._format)
        self._zone_names: dict[tuple[object, ...], str] = {}  # most zones have two
        pattern = _DAY_THEN_CLOCK.fullmatch(str(locale.datetime_formats["medium"]))
        self.between = pattern[1] if pattern else ", "
        """The separator between a date and a time: `, `."""
        # Azerbaijani writes date and time with a blank, and a name and a date with a comma.
        self.comma = self.between if self.between.strip() else ", "
        """The separator between other words and a date or time: `, `."""

    def clock(self, at: datetime) -> str:
        """`20:17 UTC`."""
        return f"{at.astimezone(self._zone):%H:%M} {self.zone(at)}"

    def clock_seconds(self, at: datetime) -> str:
        """`20:17:40 UTC`."""
        return f"{at.astimezone(self._zone):%H:%M:%S} {self.zone(at)}"

    def date(self, at: datetime) -> str:
        """`1969-07-20`: the date in this zone, for programs."""
        return f"{at.astimezone(self._zone):%Y-%m-%d}"

    def day(self, at: Day) -> str:
        """`20 July 1969`."""
        day = at.astimezone(self._zone).date() if isinstance(at, datetime) else at
        return self._format_day(day, "long")

    def day_beside(self, at: Day, other: datetime) -> str:
        """`20 July`, with the year only if it differs from that of another time."""
        day = at.astimezone(self._zone).date() if isinstance(at, datetime) else at
        if day.year != other.astimezone(self._zone).year:
            return self._format_day(day, "long")
        return self._format_day(day, str(self._locale.datetime_skeletons["MMMMd"].pattern))

    def weekday(self, at: datetime) -> str:
        """`Sunday, 20 July 1969`."""
        return self._format_day(at.astimezone(self._zone).date(), "full")

    def whole(self, at: datetime) -> str:
        """`Sunday, 20 July 1969, 20:17:40 UTC`."""
        return f"{self.weekday(at)}{self.between}{self.clock_seconds(at)}"

    def zone(self, at: datetime) -> str:
        """The zone's short name at that time: `UTC`, `BST`, `UTC+4`."""
        local = at.astimezone(self._zone)
        key = (local.utcoffset(), local.dst(), local.tzname())
        name = self._zone_names.get(key)
        if name is None:
            name = self._zone_names[key] = self._name_zone(at)
        return name

    def _name_zone(self, at: datetime) -> str:
        for locale in (self._locale, self._fallback_locale):
            name = self._time(at, "z", locale)
            if _ABBREVIATION.fullmatch(name):
                return name
        # A language without a short name for a zone gets the offset from UTC.
        seconds = int(_offset(at.astimezone(self._zone)).total_seconds())
        if not seconds:
            return "UTC"
        hours, rest = divmod(abs(seconds), _HOUR)
        minutes = f":{rest // 60:02}" if rest else ""
        sign = "\N{MINUS SIGN}" if seconds < 0 else "+"  # a line could break at a hyphen
        return f"UTC{sign}{hours}{minutes}"

    def zone_in_full(self, at: datetime) -> str:
        """The zone's full name at that time: `British Summer Time`."""
        name = self._time(at, "zzzz")
        return self.zone(at) if _DIGIT.search(name) else name

    def _format(self, day: Day, pattern: str) -> str:
        return format_date(day, pattern, self._locale)

    def zone_changes(self, since: datetime, until: datetime) -> list[tuple[int, int, str]]:
        """How far the zone's clocks are ahead of UTC in a span: at its start, and at each change.

        In a span of many decades, changes that follow closely on another may be left out.

        Returns:
            The time in seconds since 1970, the difference in seconds, and the zone's short name.
        """
        start, end = int(since.timestamp()), int(until.timestamp())
        step = max(_WEEK, (end - start) // _MOST_STEPS)
        changes = [start]
        for at in range(start, end, step):
            span = range(at, min(at + step, end) + 1)
            differs = partial(self._differs, at)
            if differs(span[-1]):
                changes.append(span[bisect_left(span, True, key=differs)])
        times = [(at, datetime.fromtimestamp(at, self._zone)) for at in changes]
        return [(at, round(_offset(time).total_seconds()), self.zone(time)) for at, time in times]

    def _differs(self, one: int, other: int) -> bool:
        """Whether the zone's clocks or its name differ between two times, in seconds since 1970."""
        a, b = (datetime.fromtimestamp(at, self._zone) for at in (one, other))
        return (_offset(a), a.tzname()) != (_offset(b), b.tzname())

    def _time(self, at: datetime, pattern: str, locale: Locale | None = None) -> str:
        return format_time(at, pattern, tzinfo=self._zone, locale=locale or self._locale)


def _offset(at: datetime) -> timedelta:
    return at.utcoffset() or timedelta(0)
