"""Laws of the desk's times: clocks that are set forward and back, in zones of every kind."""

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
    """A page that has the module, in a browser that is in none of these zones."""
    with chromium_process() as process:
        context = process.new_context(timezone_id="Pacific/Marquesas", locale="ar-EG")
        page = context.new_page()
        page.goto(f"{newsroom.server.url}/desk/sign-in")
        sheet = page.locator("link[href$='/desk.css']").get_attribute("href") or ""
        module = f"{sheet.removesuffix('/desk.css')}/desk/zoned_time.js"
        page.evaluate("async (at) => void (globalThis.moments = await import(at))", module)
        yield page
        context.close()


def _near_a_change(zone: str, at: datetime) -> datetime:
    """The same time on the day of the last change of clocks before it, if there is one."""
    here = ZoneInfo(zone)
    for days in range(400):
        day = at - timedelta(days=days)
        offsets = {(day + timedelta(hours=h)).replace(tzinfo=here).utcoffset() for h in (-12, 12)}
        if len(offsets) > 1:
            return day
    return at


def _expected(zone: str, wall: datetime) -> list[str]:
    """The moments of a wall time, the earlier first; of one that is skipped what lies behind it."""
    both = [wall.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)]
    here = ZoneInfo(zone)
    real = [at for at in both if at.astimezone(here).replace(tzinfo=None) == wall]
    found = sorted(set(real or both[:1]))
    return [f"{at:%Y-%m-%dT%H:%M:%S}.000Z" for at in found]


@given(st.lists(_TIMES, min_size=60, max_size=60))
@settings(max_examples=10)
def test_a_time_on_the_clocks_is_the_moments_that_it_is(
    page: "Page", times: list[tuple[str, datetime]]
) -> None:
    """As zoneinfo has them, on ordinary days and on those on which clocks change."""
    walls = [
        (zone, wall.replace(microsecond=0))
        for zone, at in times
        for wall in (at, _near_a_change(zone, at))
    ]
    asked = [[f"{wall:%Y-%m-%dT%H:%M:%S}", zone] for zone, wall in walls]
    told = page.evaluate("(all) => all.map((one) => moments.toInstants(...one))", asked)
    assert told == [_expected(*each) for each in walls]


@given(st.lists(_TIMES, min_size=60, max_size=60))
@settings(max_examples=10)
def test_a_moment_shows_as_it_does_on_the_clocks(
    page: "Page", times: list[tuple[str, datetime]]
) -> None:
    """In digits that a field takes, whatever the browser's language and zone; with its seconds."""
    asked, shown = [], []
    for zone, at in times:
        moment = at.replace(tzinfo=UTC)
        here = moment.astimezone(ZoneInfo(zone))
        asked.append([moment.isoformat(timespec="milliseconds"), zone])
        shown.append(f"{here:%Y-%m-%dT%H:%M:%S}"[: 19 if here.second else 16])
    assert page.evaluate("(all) => all.map((one) => moments.toWall(...one))", asked) == shown


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
    """Which of the two half past ones it is, it alone tells."""
    assert page.evaluate("(one) => moments.offsetOf(...one)", [at, zone]) == offset
