"""Date patterns for the desk's scripts, from CLDR, since some browsers know not every language."""

import re
from datetime import date, timedelta
from functools import cache

from babel.dates import format_skeleton, format_timedelta

from app.formats.languages import find_locale

_DAY, _YEAR = 28, 2001  # of a sample date; no other number of a pattern is one of the two
_UNITS = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}  # seconds
_LARGEST_SAMPLE = 200  # the numbers up to here have every plural form of every language
_SEPARATOR = "|"


@cache
def date_patterns(language: str, *, with_year: bool) -> str:
    """The patterns of a date in each month, in the order of the months, with `|` between them.

    Args:
        language: the language, as a primary subtag.
        with_year: whether the date has a year.
    """
    skeleton = "yMMMd" if with_year else "MMMd"
    months = (date(_YEAR, month, _DAY) for month in range(1, 13))
    dates = (format_skeleton(skeleton, day, locale=find_locale(language)) for day in months)
    return _SEPARATOR.join(
        shown.replace(str(_DAY), "{day}").replace(str(_YEAR), "{year}") for shown in dates
    )


@cache
def countdown_patterns(language: str) -> dict[str, str]:
    """How soon something happens: a pattern for each unit and plural category.

    `#` stands for the number; a pattern for a single number may be without it.

    Returns:
        The patterns by `UNIT-CATEGORY`: `day-few`.
    """
    locale = find_locale(language)
    patterns: dict[str, str] = {}
    for number in range(_LARGEST_SAMPLE):
        category = locale.plural_form(number)
        for unit, seconds in _UNITS.items():
            if f"{unit}-{category}" not in patterns:
                shown = format_timedelta(
                    timedelta(seconds=number * seconds),
                    granularity=unit,  # type: ignore[arg-type]
                    threshold=_LARGEST_SAMPLE * 100,
                    add_direction=True,
                    locale=locale,
                )
                patterns[f"{unit}-{category}"] = re.sub(r"\d+", "#", shown)
    return patterns
