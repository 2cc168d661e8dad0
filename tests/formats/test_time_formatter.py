"""Times in one named time zone, in the words of a language."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from app.formats.html import HtmlRenderer
from app.formats.languages import READER, find_locale, interface_languages
from app.formats.time_formatter import TimeFormatter

SUMMER = datetime(2026, 7, 20, 20, 17, 40, tzinfo=UTC)
WINTER = datetime(2026, 1, 20, 20, 17, 40, tzinfo=UTC)
ZONES = ["UTC", "Europe/London", "Asia/Baku", "Asia/Kolkata", "America/St_Johns", "Asia/Kathmandu"]


def _formatter(zone="UTC", language="en"):
    return TimeFormatter(ZoneInfo(zone), find_locale(language))


@given(
    st.sampled_from([*ZONES, "Africa/Casablanca", "Antarctica/Troll"]),
    st.integers(100_000, 2**31 - 1).map(lambda at: datetime.fromtimestamp(at, UTC)),
    st.timedeltas(timedelta(0), timedelta(days=800)),
    st.floats(0, 1),
)
def test_the_clocks_of_a_span_are_known_at_every_second(zone, since, span, part):
    """The last change before a time says what the clocks show then, and the zone's name."""
    formatter = _formatter(zone)
    at = (since + span * part).replace(microsecond=0)
    changes = formatter.zone_changes(since, since + span)
    _, ahead, name = next(change for change in reversed(changes) if change[0] <= at.timestamp())
    assert f"{at + timedelta(seconds=ahead):%H:%M:%S} {name}" == formatter.clock_seconds(at)


def test_the_clocks_of_a_span_are_told_only_when_they_change():
    """A span has its start, and the seconds in which clocks are set."""
    assert _formatter("Europe/London").zone_changes(WINTER, SUMMER) == [
        (int(WINTER.timestamp()), 0, "GMT"),
        (int(datetime(2026, 3, 29, 1, tzinfo=UTC).timestamp()), 3600, "BST"),
    ]
    assert _formatter("UTC").zone_changes(WINTER, WINTER) == [(int(WINTER.timestamp()), 0, "UTC")]


@pytest.mark.parametrize(
    ("zone", "at", "clock"),
    [
        ("UTC", SUMMER, "20:17 UTC"),
        ("Europe/London", SUMMER, "21:17 BST"),
        ("Europe/London", WINTER, "20:17 GMT"),
        ("Europe/Berlin", SUMMER, "22:17 CEST"),
        ("Asia/Tbilisi", SUMMER, "00:17 UTC+4"),
        ("Asia/Kolkata", SUMMER, "01:47 UTC+5:30"),
        ("America/New_York", SUMMER, "16:17 EDT"),
        ("America/New_York", WINTER, "15:17 EST"),
        ("America/Sao_Paulo", SUMMER, "17:17 UTC\N{MINUS SIGN}3"),
        ("America/St_Johns", WINTER, "16:47 UTC\N{MINUS SIGN}3:30"),
        ("Africa/Abidjan", SUMMER, "20:17 GMT"),
    ],
)
def test_the_zone_is_named_beside_the_time(zone, at, clock):
    """A time has the short name of its zone at that date, else the UTC offset."""
    assert _formatter(zone).clock(at) == clock


def test_a_zone_without_a_short_name_is_told_by_its_difference():
    """A language without a short name for the zone shows the UTC offset."""
    assert _formatter("Europe/London", "ru").clock(SUMMER) == "21:17 UTC+1"
    assert _formatter("Europe/London", "ru").clock(WINTER) == "20:17 UTC"
    assert _formatter("America/New_York", "ka").clock(SUMMER) == "16:17 UTC\N{MINUS SIGN}4"


@pytest.mark.parametrize(
    ("zone", "language", "name"),
    [
        ("UTC", "en", "Coordinated Universal Time"),
        ("Europe/London", "en", "British Summer Time"),
        ("Asia/Baku", "ru", "Азербайджан, стандартное время"),
        ("Asia/Yerevan", "hy", "Հայաստանի ստանդարտ ժամանակ"),
        ("Asia/Tbilisi", "ka", "საქართველოს სტანდარტული დრო"),
        ("Europe/London", "ar", "توقيت بريطانيا الصيفي"),
        ("Etc/GMT+3", "ar", "UTC\N{MINUS SIGN}3"),
    ],
)
def test_the_zone_is_told_in_words(zone, language, name):
    """The full name of the zone is in the language, or is the UTC offset if there is none."""
    assert _formatter(zone, language).zone_in_full(SUMMER) == name


@pytest.mark.parametrize(
    ("language", "day", "whole"),
    [
        ("en", "20 July 2026", "Monday, 20 July 2026, 20:17:40 UTC"),
        # ruff: noqa: RUF001  the letters of other scripts are intended
        ("ru", "20 июля 2026\u202fг.", "понедельник, 20 июля 2026\u202fг., 20:17:40 UTC"),
        ("hy", "2026 թ. հուլիսի 20", "2026 թ. հուլիսի 20, երկուշաբթի, 20:17:40 UTC"),
        ("az", "20 iyul 2026", "Bazar ertəsi, 20 iyul 2026 20:17:40 UTC"),
        ("ka", "20 ივლისი, 2026", "ორშაბათი, 20 ივლისი, 2026, 20:17:40 UTC"),
        ("ar", "20 يوليو 2026", "الاثنين، 20 يوليو 2026، 20:17:40 UTC"),
        ("ar-SY", "20 تموز 2026", "الاثنين، 20 تموز 2026، 20:17:40 UTC"),
    ],
)
def test_a_day_is_written_as_the_language_writes_it(language, day, whole):
    """A date has the month name, the order and the separators of the language."""
    formatter = _formatter(language=language)
    assert formatter.day(SUMMER) == day
    assert formatter.whole(SUMMER) == whole


def test_a_day_ends_at_midnight_in_the_zone():
    """The date is that of the time zone."""
    assert _formatter("Europe/London").date(SUMMER) == "2026-07-20"
    assert _formatter("Asia/Baku").date(SUMMER) == "2026-07-21"
    assert _formatter("Asia/Baku").weekday(SUMMER) == "Tuesday, 21 July 2026"


def test_both_hours_of_the_night_when_clocks_go_back_are_told_apart():
    """The two equal clock times when daylight saving ends have different zone names."""
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    london = _formatter("Europe/London")
    assert london.clock(first) == "01:30 BST"
    assert london.clock(first + timedelta(hours=1)) == "01:30 GMT"


def test_a_day_of_23_hours_has_one_heading():
    """Entries before and after the skipped hour have the same date."""
    zone = ZoneInfo("Europe/London")
    night = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    times = [night + timedelta(hours=hour) for hour in (-1, 0, 1, 22, 23)]
    dates = [TimeFormatter(zone, Locale("ru")).date(at) for at in times]
    assert dates == ["2026-03-28", "2026-03-29", "2026-03-29", "2026-03-29", "2026-03-30"]


@given(
    at=st.integers(-2_000_000_000, 7_000_000_000).map(lambda s: datetime.fromtimestamp(s, UTC)),
    zone=st.sampled_from(ZONES),
    language=st.sampled_from(sorted(interface_languages())),
)
def test_any_time_is_told_in_any_zone_and_language(at, zone, language):
    """Any time in any zone and language has a 24-hour clock in ASCII digits and a zone name."""
    formatter = _formatter(zone, language)
    local = at.astimezone(ZoneInfo(zone))
    assert formatter.clock(at).split(" ", 1) == [f"{local:%H:%M}", formatter.zone(at)]
    assert formatter.date(at) == f"{local:%Y-%m-%d}"
    assert str(local.year) in formatter.day(at)
    assert formatter.zone(at).strip()
    assert formatter.zone_in_full(at).strip()


def test_numbers_are_written_as_the_language_writes_them():
    """The template filter separates thousands as the language does."""
    numbers = {}
    for language in interface_languages():
        environment = HtmlRenderer()._environment(find_locale(language), READER)
        numbers[language] = environment.filters["number"](12345)
    assert numbers == {
        "ar": "12,345",
        "az": "12.345",
        "en": "12,345",
        "hy": "12\N{NO-BREAK SPACE}345",
        "ka": "12\N{NO-BREAK SPACE}345",
        "ru": "12\N{NO-BREAK SPACE}345",
    }
