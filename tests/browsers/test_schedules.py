"""Schedules around the changes of clocks: one moment, by the API and at the desk.

What is expected is reckoned from zoneinfo alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from tests.browsers.desk import until, write
from tests.browsers.desk_page import Newsdesks, item_of, newsdesks
from tests.browsers.driver import chromium_process

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.full("each zone around both of its changes of clocks")

_ZONES = [
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "Asia/Yerevan",
    "Asia/Kathmandu",
]
_AWAY = {"timezone_id": "Pacific/Auckland"}  # where the browser is: in none of them
# In what the clocks skipped and showed twice last, in zones where they are set no more.
_LAST = {
    "Asia/Yerevan": ("2011-03-27T02:10", "2011-10-30T02:30"),
    "Asia/Kathmandu": ("1986-01-01T00:10", None),
}


@dataclass(frozen=True)
class _Time:
    """A time as somebody types it, and the moment that it is."""

    what: str
    wall: datetime
    moment: datetime
    offset: str | None = None  # which of two

    @property
    def typed(self) -> str:
        return f"{self.wall:%Y-%m-%dT%H:%M}"


def _offset(at: datetime) -> str:
    """`UTC+10:30`, as the desk names it."""
    minutes = int((at.utcoffset() or timedelta()).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    sign = "\N{MINUS SIGN}" if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "") if minutes else "UTC"


def _changes(zone: ZoneInfo, begin: datetime) -> list[tuple[datetime, timedelta, timedelta]]:
    """The changes of clocks in the year behind a moment: when, and the offsets on both sides."""
    found = []
    at = begin.replace(minute=0, second=0, microsecond=0)
    for _ in range(366 * 48):
        after = at + timedelta(minutes=30)
        offsets = [each.astimezone(zone).utcoffset() or timedelta() for each in (at, after)]
        if offsets[0] != offsets[1]:
            found.append((after, offsets[0], offsets[1]))
        at = after
    return found


def _times(zone: ZoneInfo, begin: datetime) -> list[_Time]:
    """Times in what the clocks skip, in what they show twice, and on ordinary days."""
    times = []
    for change, before, after in _changes(zone, begin):
        length = abs(after - before)
        half = length / 2
        if after > before:
            wall = (change + before).replace(tzinfo=None) + half
            times.append(_Time("skipped", wall, change + half))
        else:
            wall = (change + after).replace(tzinfo=None) + half
            for what, moment in ("first", change - half), ("second", change + half):
                times.append(_Time(what, wall, moment, _offset(moment.astimezone(zone))))
    for months in (1,) if times else (1, 7):
        moment = (begin + timedelta(days=30 * months)).replace(
            hour=21, minute=40, second=0, microsecond=0
        )
        times.append(_Time("ordinary", moment.astimezone(zone).replace(tzinfo=None), moment))
    return times


@pytest.fixture(scope="module")
def process() -> Iterator["Browser"]:
    """A browser for all of them."""
    with chromium_process() as process:
        yield process


@contextmanager
def _desks_in(zone: str, folder: "Path", process: "Browser") -> Iterator[Newsdesks]:
    with newsdesks(folder, ["Ani", "Ed"], process, time_zone=zone) as desks:
        yield desks
        desks.close()


def _type(page: "Page", field: str, time: _Time) -> str:
    """Fill in a time, and which of two it is; gives what the desk says of it."""
    page.locator(f"[name={field}]").fill(time.typed)
    choice = page.locator(f"[name=_{field}]")
    assert choice.is_visible() == bool(time.offset)
    if time.offset:
        choice.select_option(label=time.offset)
    return page.locator(f"#write-{field.partition('_')[0]}-note").inner_text()


def _drafts(desks: Newsdesks, slug: str) -> dict[str, dict[str, Any]]:
    drafts = desks.clients["Ed"].get(f"/v1/coverages/{slug}/drafts").json()["drafts"]
    return {draft["headline"] or draft["body"]["markdown"].split(" ")[0]: draft for draft in drafts}


def _told(page: "Page", words: str) -> None:
    until(page, f"document.querySelector('.message').textContent.startsWith('{words}')")


@pytest.mark.parametrize("zone", _ZONES)
def test_a_schedule_is_one_moment_by_the_api_and_at_the_desk(
    zone: str, process: "Browser", tmp_path: "Path"
) -> None:
    """Typed at the desk, sent by a tool, and sent again with a word changed: the same."""
    here = ZoneInfo(zone)
    with _desks_in(zone, tmp_path, process) as desks:
        slug = desks.new_coverage()
        times = _times(here, datetime.now(UTC))
        page = desks.desk("Ed", slug, **_AWAY)
        page.locator(".more summary").click()
        for number, time in enumerate(times):
            local = time.moment.astimezone(here).isoformat()
            desks.write("Ed", slug, headline=f"api{number}", body="x", embargo_until=local)
            write(page, f"desk{number}")
            said = _type(page, "embargo", time)
            shown = f"{time.moment.astimezone(here):%H:%M} {_offset(time.moment.astimezone(here))}"
            assert f"{shown} ({zone})" in said
            assert ("skip" in said, "twice" in said) == (time.what == "skipped", bool(time.offset))
            page.get_by_role("button", name="Schedule", exact=True).click()
            _told(page, "Scheduled")
            assert f"{shown} ({zone})" in page.inner_text(".message")
            assert shown in item_of(page, "scheduled", f"desk{number}").inner_text()
        first = _drafts(desks, slug)
        for number in range(len(times)):
            for name in f"api{number}", f"desk{number}":
                item_of(page, "scheduled", name).get_by_role("button", name="Open").click()
                until(
                    page,
                    "[...document.querySelectorAll('[name=headline], [name=body]')]"
                    f".some((each) => each.value === '{name}')",
                )
                write(page, " again")
                page.get_by_role("button", name="Schedule", exact=True).click()
                _told(page, "Scheduled")
        again = _drafts(desks, slug)
    print(f"\n{zone}")  # noqa: T201  the table
    for number, time in enumerate(times):
        api, desk = first[f"api{number}"], first[f"desk{number}"]
        expected = time.moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        row = [api["embargo_until"], desk["embargo_until"]]
        row += [again[f"{name}{number}"]["embargo_until"] for name in ("api", "desk")]
        print(f"  {time.what:9} {time.typed}  {' '.join(row)}")  # noqa: T201
        assert row == [expected] * 4
        assert again[f"desk{number}"]["revision"] > desk["revision"]


@pytest.mark.parametrize("zone", _LAST)
def test_what_happened_at_a_change_of_clocks_long_ago_is_that_moment(
    zone: str, process: "Browser", tmp_path: "Path"
) -> None:
    """Where clocks do not change any more they did; an entry is amended without its time."""
    here = ZoneInfo(zone)
    gap, back = _LAST[zone]
    wall = datetime.fromisoformat(gap)
    walls = [_Time("skipped", wall, wall.replace(tzinfo=here).astimezone(UTC))]
    for fold in (0, 1) if back else ():
        wall = datetime.fromisoformat(back)
        moment = wall.replace(tzinfo=here, fold=fold)
        walls.append(_Time(f"number {fold}", wall, moment.astimezone(UTC), _offset(moment)))
    with _desks_in(zone, tmp_path, process) as desks:
        slug = desks.new_coverage()
        page = desks.desk("Ed", slug, **_AWAY)
        page.locator(".more summary").click()
        for time in walls:
            write(page, "It happened")
            _type(page, "happened_at", time)
            page.keyboard.press("Control+Alt+w")
            page.keyboard.press("Control+Enter")
            _told(page, "Published.")
            (entry, *_) = desks.clients["Ed"].get(f"/v1/coverages/{slug}/entries").json()["entries"]
            assert entry["happened_at"] == time.moment.strftime("%Y-%m-%dT%H:%M:%S.000Z"), time


def test_a_time_that_nobody_touched_is_not_sent(process: "Browser", tmp_path: "Path") -> None:
    """To the millisecond it stays; set back to what it showed it does too; emptied it is none."""
    with _desks_in("America/New_York", tmp_path, process) as desks:
        slug = desks.new_coverage()
        path = f"/v1/coverages/{slug}"
        times = {
            "embargo_until": "2031-05-01T12:34:56.789Z",
            "happened_at": "2026-11-01T06:30:15.250Z",
        }
        desks.write("Ed", slug, headline="To come", **times)
        page = desks.desk("Ed", slug, **_AWAY)
        page.locator(".more summary").click()
        item_of(page, "scheduled", "To come").get_by_role("button", name="Open").click()
        shown = page.locator("[name=embargo]")
        until(page, "document.querySelector('[name=embargo]').value")
        assert shown.input_value() == "2031-05-01T08:34:56"
        page.get_by_role("button", name="Schedule", exact=True).click()
        assert page.inner_text(".message") == "Nothing has been changed."
        shown.fill("2031-05-01T09:00")
        shown.fill("2031-05-01T08:34:56")
        page.fill("[name=headline]", "Still to come")
        sent: list[Any] = []
        page.on(
            "request", lambda asked: asked.method == "PATCH" and sent.append(asked.post_data_json)
        )
        page.get_by_role("button", name="Schedule", exact=True).click()
        _told(page, "Scheduled")
        assert sent == [{"headline": "Still to come"}]
        (draft,) = desks.clients["Ed"].get(f"{path}/drafts").json()["drafts"]
        assert {name: draft[name] for name in times} == times
        item_of(page, "scheduled", "Still").get_by_role("button", name="Open").click()
        happened = page.locator("[name=happened_at]")
        until(page, "document.querySelector('[name=happened_at]').value")
        assert happened.input_value() == "2026-11-01T01:30:15"
        happened.fill("2026-11-01T01:45")  # in the hour that comes twice, the one that it had
        page.get_by_role("button", name="Save draft").click()
        until(page, "document.querySelector('.saved').dataset.state === 'saved'")
        assert sent[1:] == [{"happened_at": "2026-11-01T06:45:00.000Z"}]
        happened.fill("")
        shown.fill("2031-05-01T09:00")
        page.get_by_role("button", name="Save draft").click()
        item_of(page, "scheduled", "Still").get_by_text("09:00").wait_for()
        assert sent[2:] == [{"happened_at": None, "embargo_until": "2031-05-01T13:00:00.000Z"}]
