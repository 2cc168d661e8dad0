"""Properties of the desk's time conversions: clock changes, in zones of every kind."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.browsers.driver import chromium_process
from tests.conftest import Newsroom

if TYPE_CHECKING:
    from playwright.sync_api import Page

_ZONES = [
    "America/New_York",
    "America/St_Johns",
    "Europe/London",
    "Asia/Yerevan",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Apia",
    "America/Sao_Paulo",
    "UTC",
]
_TIMES = st.tuples(
    st.sampled_from(_ZONES),
    st.datetimes(datetime.fromisoformat("1972-01-01"), datetime.fromisoformat("2036-01-01")),
)


@pytest.fixture(scope="module")
def page(newsroom: Newsroom) -> Iterator["Page"]:
    """A page with the module loaded, in a browser whose zone is none of these."""
    with chromium_process() as process:
        context = process.new_context(timezone_id="Pacific/Marquesas", locale="ar-EG")
        page = context.new_page()
        page.goto(f"{newsroom.server.url}/desk/sign-in")
        stylesheet = page.locator("link[href$='/desk.css']").get_attribute("href") or ""
        module = f"{stylesheet.removesuffix('/desk.css')}/desk/zoned_time.js"
        page.evaluate("async (at) => void (globalThis.moments = await import(at))", module)
        yield page
        context.close()


def _near_a_change(zone: str, at: datetime) -> datetime:
    """Return the same wall time on the day of the last clock change before it, if there is one."""
    zone_info = ZoneInfo(zone)
    for days in range(400):
        day = at - timedelta(days=days)
        offsets = {
            (day + timedelta(hours=h)).replace(tzinfo=zone_info).utcoffset() for h in (-12, 12)
        }
        if len(offsets) > 1:
            return day
    return at


def _expected(zone: str, wall_time: datetime) -> list[str]:
    """Return a wall time's instants, earliest first; for a skipped time the instant behind it."""
    candidates = [
        wall_time.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)
    ]
    zone_info = ZoneInfo(zone)
    valid = [
        instant
        for instant in candidates
        if instant.astimezone(zone_info).replace(tzinfo=None) == wall_time
    ]
    instants = sorted(set(valid or candidates[:1]))
    return [f"{instant:%Y-%m-%dT%H:%M:%S}.000Z" for instant in instants]


@given(st.lists(_TIMES, min_size=60, max_size=60))
@settings(max_examples=10)
def test_a_time_on_the_clocks_is_the_moments_that_it_is(
    page: "Page", times: list[tuple[str, datetime]]
) -> None:
    """The instants of a wall time are those of zoneinfo, also on days of a clock change."""
    wall_times = [
        (zone, wall_time.replace(microsecond=0))
        for zone, at in times
        for wall_time in (at, _near_a_change(zone, at))
    ]
    arguments = [[f"{wall_time:%Y-%m-%dT%H:%M:%S}", zone] for zone, wall_time in wall_times]
    instants = page.evaluate("(all) => all.map((one) => moments.toInstants(...one))", arguments)
    assert instants == [_expected(*each) for each in wall_times]


@given(st.lists(_TIMES, min_size=60, max_size=60))
@settings(max_examples=10)
def test_a_moment_shows_as_it_does_on_the_clocks(
    page: "Page", times: list[tuple[str, datetime]]
) -> None:
    """An instant's wall time has the format of a form field, whatever the browser's locale."""
    arguments, shown = [], []
    for zone, at in times:
        instant = at.replace(tzinfo=UTC)
        local_time = instant.astimezone(ZoneInfo(zone))
        arguments.append([instant.isoformat(timespec="milliseconds"), zone])
        shown.append(f"{local_time:%Y-%m-%dT%H:%M:%S}"[: 19 if local_time.second else 16])
    assert page.evaluate("(all) => all.map((one) => moments.toWall(...one))", arguments) == shown


@pytest.mark.parametrize(
    ("zone", "at", "offset"),
    [
        ("UTC", "2027-01-01T00:00:00Z", "UTC"),
        ("Asia/Kathmandu", "2027-01-01T00:00:00Z", "UTC+5:45"),
        ("Australia/Lord_Howe", "2027-07-01T00:00:00Z", "UTC+10:30"),
        ("America/New_York", "2027-11-07T05:30:00Z", "UTC\N{MINUS SIGN}4"),
        ("America/New_York", "2027-11-07T06:30:00Z", "UTC\N{MINUS SIGN}5"),
    ],
)
def test_an_offset_is_named(page: "Page", zone: str, at: str, offset: str) -> None:
    """An offset is named as `UTC` with hours and minutes; it tells repeated hours apart."""
    assert page.evaluate("(one) => moments.offsetOf(...one)", [at, zone]) == offset
