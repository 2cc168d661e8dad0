"""Time patterns: the words of times for scripts, from CLDR.

A browser's `Intl` knows the languages of its makers' choice, and writes others in English or not at
all. So the server sends the words, and scripts put numbers into them.
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache, lru_cache

from babel import Locale
from babel.dates import format_date, format_skeleton, format_timedelta

from app.formats.languages import find_catalogue, find_locale

_DAY, _YEAR = 28, 2001  # of a sample date; no other number of a pattern is one of the two
_MONTHS = [date(_YEAR, month, _DAY) for month in range(1, 13)]
_UNITS = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}  # seconds
_MANY = 11
_LARGEST_SAMPLE = 200  # the numbers up to here have every plural form of every language
_SEPARATOR = "|"
_LANGUAGES = 100  # whose patterns are kept: a tool may write any number of tags


@lru_cache(_LANGUAGES)
def date_patterns(language: str, *, with_year: bool) -> str:
    """The patterns of a short date in each month, from January on, with `|` between them.

    Args:
        language: the language (BCP 47).
        with_year: whether the date has a year.
    """
    locale = find_locale(language)
    skeleton = "yMMMd" if with_year else "MMMd"
    return _patterns(format_skeleton(skeleton, day, locale=locale) for day in _MONTHS)


@cache
def long_date_patterns(locale: Locale) -> str:
    """The same of a date as `TimeFormatter.day` writes it."""
    return _patterns(format_date(day, "long", locale) for day in _MONTHS)


def _patterns(dates: Iterable[str]) -> str:
    """Put placeholders in the place of the sample's day and year."""
    return _SEPARATOR.join(
        shown.replace(str(_DAY), "{day}").replace(str(_YEAR), "{year}") for shown in dates
    )


@lru_cache(_LANGUAGES)
def countdown_patterns(language: str) -> dict[str, str]:
    """How soon something happens: a pattern for each unit and plural category.

    `#` stands for the number; a pattern for a single number may be without it.

    Returns:
        The patterns by `UNIT-CATEGORY`: `day-few`.
    """
    locale = find_locale(language)
    return {
        f"{unit}-{category}": _relative(unit, number, "long", locale)
        for category, number in plural_samples(locale).items()
        for unit in _UNITS
    }


@lru_cache(_LANGUAGES)
def age_patterns(language: str) -> dict[str, str]:
    """How long ago something was, from less than a minute to days.

    `#` stands for the number; a pattern for a single number may be without it.

    Returns:
        `UNIT` has the pattern of most numbers, and `UNIT-CATEGORY` that of a plural category that
        has another; `second` is for less than a minute. `plurals` is the `plural_table`; a language
        with one pattern for all numbers has none.
    """
    locale = find_locale(language)
    patterns = {"second": find_catalogue(locale.language).gettext("just now")}
    samples = plural_samples(locale)
    for unit in ("minute", "hour", "day"):
        # No age is 0 of a unit.
        forms = {c: _relative(unit, -n, "short", locale) for c, n in samples.items() if n}
        patterns[unit] = most = forms[locale.plural_form(_MANY)]
        patterns |= {f"{unit}-{c}": form for c, form in forms.items() if form != most}
    if any("-" in name for name in patterns):
        patterns["plurals"] = plural_table(locale)
    return patterns


def _relative(unit: str, number: int, style: str, locale: Locale) -> str:
    """`in # days`, or of a negative number `# days ago`."""
    shown = format_timedelta(
        timedelta(seconds=number * _UNITS[unit]),
        granularity=unit,  # type: ignore[arg-type]
        threshold=_LARGEST_SAMPLE * 100,
        add_direction=True,
        format=style,  # type: ignore[arg-type]
        locale=locale,
    )
    return re.sub(r"\d+", "#", shown)


@cache
def plural_samples(locale: Locale) -> dict[str, int]:
    """For each plural category of a language (CLDR), a number that belongs to it."""
    return {locale.plural_form(number): number for number in range(_LARGEST_SAMPLE)}


@cache
def plural_table(locale: Locale) -> str:
    """The plural categories (CLDR) of the numbers from 0 on, with a space between them.

    From 100 on they repeat with every hundred, in each language of the interface. Where all that
    follow are the same, the first of these is the last.
    """
    names = [locale.plural_form(number) for number in range(_LARGEST_SAMPLE)]
    while names[-2:] == names[-1:] * 2:
        names.pop()
    return " ".join(names)
