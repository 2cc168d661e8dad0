"""Time patterns: every word of a time that a script shows, in every language of the interface."""

from datetime import UTC, date, datetime, timedelta
from typing import Literal

import pytest
from babel.dates import format_timedelta
from hypothesis import given
from hypothesis import strategies as st

from app.formats.languages import find_locale, interface_languages
from app.formats.time_formatter import TimeFormatter
from app.formats.time_patterns import (
    age_patterns,
    countdown_patterns,
    date_patterns,
    long_date_patterns,
    plural_table,
)

LANGUAGES = sorted(interface_languages())
AGES: list[tuple[Literal["minute", "hour", "day"], timedelta, range]] = [
    ("minute", timedelta(minutes=1), range(1, 60)),
    ("hour", timedelta(hours=1), range(1, 24)),
    ("day", timedelta(days=1), range(1, 7)),
]


def _category(table: str, number: int) -> str:
    """Return a number's category as `plural.js` does."""
    names = dict(enumerate(table.split(" ")))
    return names.get(number if number < 200 else 100 + number % 100, names[len(names) - 1])


@given(st.sampled_from(LANGUAGES), st.integers(0, 300) | st.integers(0, 10**9))
def test_the_table_has_the_category_of_every_number(language: str, number: int) -> None:
    """The table gives each number the plural category that CLDR gives it."""
    locale = find_locale(language)
    assert _category(plural_table(locale), number) == locale.plural_form(number)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_age_is_written_as_the_language_writes_it(language: str) -> None:
    """The pattern of each age up to a week gives the words that CLDR has for it."""
    patterns = age_patterns(language)
    for unit, size, numbers in AGES:
        for number in numbers:
            category = _category(patterns.get("plurals", "other"), number)
            pattern = patterns.get(f"{unit}-{category}", patterns[unit])
            assert pattern.replace("#", str(number)) == format_timedelta(
                -number * size,
                granularity=unit,
                threshold=1000,
                add_direction=True,
                format="short",
                locale=find_locale(language),
            )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_long_date_is_written_as_on_the_page(language: str) -> None:
    """The pattern of a month gives the date as the pages have it, for its first and last day."""
    locale = find_locale(language)
    formatter = TimeFormatter(UTC, locale)
    patterns = long_date_patterns(locale).split("|")
    for month, pattern in enumerate(patterns, 1):
        for day in (1, 28):
            shown = pattern.replace("{day}", str(day)).replace("{year}", "1969")
            assert shown == formatter.day(datetime(1969, month, day, tzinfo=UTC))
    assert len(patterns) == len({date(1969, month, 1) for month in range(1, 13)})


def test_any_number_of_tags_keeps_a_bounded_number_of_patterns() -> None:
    """The words of many tags of one language are the same, and few of them stay in memory."""
    for number in range(300):
        tag = f"ka-x-{number}"
        assert age_patterns(tag) == age_patterns("ka")
        assert countdown_patterns(tag) == countdown_patterns("ka")
        assert date_patterns(tag, with_year=True) == date_patterns("ka", with_year=True)
    for patterns in (age_patterns, countdown_patterns, date_patterns):
        assert patterns.cache_info().currsize <= 100
