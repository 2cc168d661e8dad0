"""Tests of the title that is proposed for the next day's page."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from app.formats.day_title import propose_title

EVENING = datetime(2026, 11, 30, 21, 0, tzinfo=ZoneInfo("Asia/Tbilisi"))
MORNING = EVENING.replace(hour=7)


@pytest.mark.parametrize(
    ("title", "language", "proposed"),
    [
        ("Storm: 30 November", "en", "Storm: 1 December"),
        ("Storm, 30 November 2026, live", "en", "Storm, 1 December 2026, live"),
        ("Storm: 29 November", "en", "Storm: 30 November"),
        ("Шторм: 30 ноября", "ru", "Шторм: 1 декабря"),
        ("ქარიშხალი: 30 ნოემბერი", "ka", "ქარიშხალი: 1 დეკემბერი"),
        ("Storm of 21 May", "en", "Storm of 21 May, 1 December"),
    ],
)
def test_a_date_in_the_title_becomes_the_next(title: str, language: str, proposed: str) -> None:
    """The date of the day in a title is replaced by the one that follows; else it is added."""
    assert propose_title(title, language, EVENING) == proposed


def test_in_the_morning_the_next_page_is_todays() -> None:
    """Until noon, a title without a date gets the date of the day that has begun."""
    assert propose_title("Storm", "en", MORNING) == "Storm, 30 November"
    assert propose_title("Storm", "en", EVENING) == "Storm, 1 December"


def test_only_a_whole_date_is_replaced() -> None:
    """The first of a month is not found in the twenty-first."""
    first = datetime(2026, 5, 1, 21, 0, tzinfo=ZoneInfo("UTC"))
    assert propose_title("Storm of 21 May", "en", first) == "Storm of 21 May, 2 May"
