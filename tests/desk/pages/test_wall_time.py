"""Times in a form's fields: what is left as it was stays, and what is typed is what clocks show."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.desk.pages.wall_time import read_moment, to_wall
from app.formats.rfc3339 import format_time, parse_time

_ZONES = ("UTC", "America/New_York", "Asia/Kathmandu", "Asia/Tbilisi", "Australia/Lord_Howe")
_NEW_YORK = ZoneInfo("America/New_York")

zones = st.sampled_from(_ZONES).map(ZoneInfo)
moments = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)


@given(moments, zones)
def test_a_time_that_is_left_stays_the_same_moment(moment: datetime, zone: ZoneInfo) -> None:
    """A form that is sent back as it was shown has the same moment, to the millisecond."""
    fields = {"at": to_wall(moment, zone), "at.moment": format_time(moment)}
    assert read_moment(fields, "at", zone) == format_time(moment)


@given(moments, moments, zones)
def test_a_typed_time_is_what_the_clocks_show(
    moment: datetime, before: datetime, zone: ZoneInfo
) -> None:
    """A typed time is a moment at which the zone's clocks show it, whatever was there before."""
    typed = to_wall(moment, zone)
    read = read_moment({"at": typed, "at.moment": format_time(before)}, "at", zone)
    assert to_wall(parse_time(read), zone) == typed


@pytest.mark.parametrize(
    ("typed", "named", "read"),
    [
        ("2026-11-01T01:30", "", "2026-11-01T05:30:00.000Z"),
        ("2026-11-01T01:30", "2026-11-01T06:30:00.000Z", "2026-11-01T06:30:00.000Z"),
        ("2026-03-08T02:30", "", "2026-03-08T07:30:00.000Z"),
        ("", "2026-11-01T06:30:00.000Z", ""),
        ("tomorrow", "", "tomorrow"),
        ("2026-11-01T01:30", "yesterday", "2026-11-01T01:30"),
        ("0001-01-01T00:00+14:00", "", "0001-01-01T00:00+14:00"),
        ("9999-12-31T23:59", "", "9999-12-31T23:59"),
    ],
)
def test_times_that_clocks_skip_or_show_twice(typed: str, named: str, read: str) -> None:
    """Of two moments the named one counts, else the earlier; a gap is counted on from before it.

    What is no time, or beyond the calendar, is returned as it is.
    """
    assert read_moment({"at": typed, "at.moment": named}, "at", _NEW_YORK) == read


def test_no_time_is_an_empty_field() -> None:
    """No time is shown as nothing, and whole minutes without seconds."""
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert to_wall(None, UTC) == ""
    assert to_wall(noon, UTC) == "2026-03-01T12:00"
    assert to_wall(noon + timedelta(seconds=5), UTC) == "2026-03-01T12:00:05"
