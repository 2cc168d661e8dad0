"""Scheduled times around clock changes: the API and the desk agree on one instant.

The expected instants are computed with zoneinfo alone.
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
_AWAY = {"timezone_id": "Pacific/Auckland"}  # the browser's zone, none of `_ZONES`
# Times in the last gap and the last repeated hour of zones that have no clock changes any more.
_LAST_CHANGES = {
    "Asia/Yerevan": ("2011-03-27T02:10", "2011-10-30T02:30"),
    "Asia/Kathmandu": ("1986-01-01T00:10", None),
}


@dataclass(frozen=True)
class _Time:
    """A wall time as typed, and the instant that it stands for."""

    kind: str
    wall_time: datetime
    instant: datetime
    offset: str | None = None  # chosen for an ambiguous time

    @property
    def typed(self) -> str:
        return f"{self.wall_time:%Y-%m-%dT%H:%M}"


def _offset(at: datetime) -> str:
    """Return an offset as the desk names it, such as `UTC+10:30`."""
    minutes = int((at.utcoffset() or timedelta()).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    sign = "\N{MINUS SIGN}" if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "") if minutes else "UTC"


def _changes(zone: ZoneInfo, begin: datetime) -> list[tuple[datetime, timedelta, timedelta]]:
    """Return the clock changes in the year after an instant, with the offsets before and after."""
    changes = []
    at = begin.replace(minute=0, second=0, microsecond=0)
    for _ in range(366 * 48):
        after = at + timedelta(minutes=30)
        offsets = [instant.astimezone(zone).utcoffset() or timedelta() for instant in (at, after)]
        if offsets[0] != offsets[1]:
            changes.append((after, offsets[0], offsets[1]))
        at = after
    return changes


def _times(zone: ZoneInfo, begin: datetime) -> list[_Time]:
    """Return wall times in gaps, in repeated hours and on ordinary days."""
    times = []
    for change, before, after in _changes(zone, begin):
        length = abs(after - before)
        half = length / 2
        if after > before:
            wall_time = (change + before).replace(tzinfo=None) + half
            times.append(_Time("skipped", wall_time, change + half))
        else:
            wall_time = (change + after).replace(tzinfo=None) + half
            for kind, instant in ("first", change - half), ("second", change + half):
                times.append(_Time(kind, wall_time, instant, _offset(instant.astimezone(zone))))
    for months in (1,) if times else (1, 7):
        instant = (begin + timedelta(days=30 * months)).replace(
            hour=21, minute=40, second=0, microsecond=0
        )
        times.append(_Time("ordinary", instant.astimezone(zone).replace(tzinfo=None), instant))
    return times


@pytest.fixture(scope="module")
def process() -> Iterator["Browser"]:
    """A browser process for all tests of the file."""
    with chromium_process() as process:
        yield process


@contextmanager
def _desks_in(zone: str, folder: "Path", process: "Browser") -> Iterator[Newsdesks]:
    with newsdesks(folder, ["Ani", "Ed"], process, time_zone=zone) as desks:
        yield desks
        desks.close()


def _type(page: "Page", field: str, time: _Time) -> str:
    """Fill in a time, with its offset if it is ambiguous; returns the desk's note on it."""
    page.locator(f"[name={field}]").fill(time.typed)
    choice = page.locator(f"[name=_{field}]")
    assert choice.is_visible() == bool(time.offset)
    if time.offset:
        choice.select_option(label=time.offset)
    return page.locator(f"#write-{field.partition('_')[0]}-note").inner_text()


def _drafts(desks: Newsdesks, slug: str) -> dict[str, dict[str, Any]]:
    drafts = desks.clients["Ed"].get(f"/v1/coverages/{slug}/drafts").json()["drafts"]
    return {draft["headline"] or draft["body"]["markdown"].split(" ")[0]: draft for draft in drafts}


def _wait_for_message(page: "Page", text: str) -> None:
    until(page, f"document.querySelector('.message').textContent.startsWith('{text}')")


@pytest.mark.parametrize("zone", _ZONES)
def test_a_schedule_is_one_moment_by_the_api_and_at_the_desk(
    zone: str, process: "Browser", tmp_path: "Path"
) -> None:
    """A time typed at the desk and one sent by the API are stored as the same instant.

    A later change of the text alone keeps it.
    """
    zone_info = ZoneInfo(zone)
    with _desks_in(zone, tmp_path, process) as desks:
        slug = desks.new_coverage()
        times = _times(zone_info, datetime.now(UTC))
        page = desks.desk("Ed", slug, **_AWAY)
        page.locator(".more summary").click()
        for number, time in enumerate(times):
            embargo = time.instant.astimezone(zone_info).isoformat()
            desks.write("Ed", slug, headline=f"api{number}", body="x", embargo_until=embargo)
            write(page, f"desk{number}")
            note = _type(page, "embargo", time)
            local_time = time.instant.astimezone(zone_info)
            shown_time = f"{local_time:%H:%M} {_offset(local_time)}"
            assert f"{shown_time} ({zone})" in note
            assert ("skip" in note, "twice" in note) == (time.kind == "skipped", bool(time.offset))
            page.get_by_role("button", name="Schedule", exact=True).click()
            _wait_for_message(page, "Scheduled")
            assert f"{shown_time} ({zone})" in page.inner_text(".message")
            assert shown_time in item_of(page, "scheduled", f"desk{number}").inner_text()
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
                _wait_for_message(page, "Scheduled")
        changed = _drafts(desks, slug)
    print(f"\n{zone}")  # noqa: T201  the table
    for number, time in enumerate(times):
        api, desk = first[f"api{number}"], first[f"desk{number}"]
        expected = time.instant.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        row = [api["embargo_until"], desk["embargo_until"]]
        row += [changed[f"{name}{number}"]["embargo_until"] for name in ("api", "desk")]
        print(f"  {time.kind:9} {time.typed}  {' '.join(row)}")  # noqa: T201
        assert row == [expected] * 4
        assert changed[f"desk{number}"]["revision"] > desk["revision"]


@pytest.mark.parametrize("zone", _LAST_CHANGES)
def test_what_happened_at_a_change_of_clocks_long_ago_is_that_moment(
    zone: str, process: "Browser", tmp_path: "Path"
) -> None:
    """`happened_at` at a past clock change is the right instant, in zones without changes today."""
    zone_info = ZoneInfo(zone)
    gap, repeated = _LAST_CHANGES[zone]
    wall_time = datetime.fromisoformat(gap)
    times = [_Time("skipped", wall_time, wall_time.replace(tzinfo=zone_info).astimezone(UTC))]
    for fold in (0, 1) if repeated else ():
        wall_time = datetime.fromisoformat(repeated)
        instant = wall_time.replace(tzinfo=zone_info, fold=fold)
        times.append(_Time(f"number {fold}", wall_time, instant.astimezone(UTC), _offset(instant)))
    with _desks_in(zone, tmp_path, process) as desks:
        slug = desks.new_coverage()
        page = desks.desk("Ed", slug, **_AWAY)
        page.locator(".more summary").click()
        for time in times:
            write(page, "It happened")
            _type(page, "happened_at", time)
            page.keyboard.press("Control+Alt+w")
            page.keyboard.press("Control+Enter")
            _wait_for_message(page, "Published.")
            (entry, *_) = desks.clients["Ed"].get(f"/v1/coverages/{slug}/entries").json()["entries"]
            assert entry["happened_at"] == time.instant.strftime("%Y-%m-%dT%H:%M:%S.000Z"), time


def test_a_time_that_nobody_touched_is_not_sent(process: "Browser", tmp_path: "Path") -> None:
    """A time that was not edited is not sent and keeps its milliseconds; an emptied one is null."""
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
        shown_time = page.locator("[name=embargo]")
        until(page, "document.querySelector('[name=embargo]').value")
        assert shown_time.input_value() == "2031-05-01T08:34:56"
        page.get_by_role("button", name="Schedule", exact=True).click()
        assert page.inner_text(".message") == "Nothing has been changed."
        shown_time.fill("2031-05-01T09:00")
        shown_time.fill("2031-05-01T08:34:56")
        page.fill("[name=headline]", "Still to come")
        sent: list[Any] = []
        page.on(
            "request",
            lambda request: request.method == "PATCH" and sent.append(request.post_data_json),
        )
        page.get_by_role("button", name="Schedule", exact=True).click()
        _wait_for_message(page, "Scheduled")
        assert sent == [{"headline": "Still to come"}]
        (draft,) = desks.clients["Ed"].get(f"{path}/drafts").json()["drafts"]
        assert {name: draft[name] for name in times} == times
        item_of(page, "scheduled", "Still").get_by_role("button", name="Open").click()
        happened = page.locator("[name=happened_at]")
        until(page, "document.querySelector('[name=happened_at]').value")
        assert happened.input_value() == "2026-11-01T01:30:15"
        happened.fill("2026-11-01T01:45")  # in the repeated hour, with the offset that it had
        page.get_by_role("button", name="Save draft").click()
        until(page, "document.querySelector('.saved').dataset.state === 'saved'")
        assert sent[1:] == [{"happened_at": "2026-11-01T06:45:00.000Z"}]
        happened.fill("")
        shown_time.fill("2031-05-01T09:00")
        page.get_by_role("button", name="Save draft").click()
        item_of(page, "scheduled", "Still").get_by_text("09:00").wait_for()
        assert sent[2:] == [{"happened_at": None, "embargo_until": "2031-05-01T13:00:00.000Z"}]
