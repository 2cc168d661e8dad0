"""Devices whose clocks are hours off, or are set while a page is open: the server's is believed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.browsers.desk import until, write
from tests.browsers.desk_page import Newsdesks, item_of, newsdesks
from tests.browsers.driver import chromium_process
from tests.contract.newsrooms import new_slug

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

_OFF = {"seven hours ahead": timedelta(hours=7), "seven hours behind": -timedelta(hours=7)}
_NEW = "now"
_OLD = "2 hr. ago"
_SKIPPED = timedelta(milliseconds=1_500)


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsdesks]:
    """A server with an editor at the desk."""
    with (
        chromium_process() as process,
        newsdesks(tmp_path_factory.mktemp("clocks"), ["Ani", "Ed"], process) as desks,
    ):
        yield desks


@pytest.fixture
def desks(staffed: Newsdesks) -> Iterator[Newsdesks]:
    """The same, with every page closed afterwards."""
    yield staffed
    staffed.close()


@pytest.fixture(params=_OFF)
def context(request: pytest.FixtureRequest, staffed: Newsdesks) -> Iterator["BrowserContext"]:
    """A device whose clock is off."""
    context = staffed.process.new_context(base_url=staffed.url)
    context.clock.install(time=datetime.now(UTC) + _OFF[request.param])
    yield context
    context.close()


def _set(page: "Page", off: timedelta) -> None:
    """Set the device's clock while the page is open."""
    page.clock.set_system_time(datetime.now(UTC) + off)


def _import(desks: Newsdesks) -> str:
    """A coverage with an entry of two hours ago; gives its slug."""
    slug = new_slug()
    at = (datetime.now(UTC) - timedelta(hours=2, minutes=5)).isoformat(timespec="milliseconds")
    head = {
        "slug": slug,
        "title": "Fire",
        "status": "live",
        "language": "en",
        "bylines": [],
        "created_at": at,
    }
    entry = {
        "id": "old",
        "revision": 1,
        "status": "published",
        "headline": "Old",
        "kind": "update",
        "published_at": at,
        "updated_at": at,
        "language": "en",
    }
    event = {"coverage": slug, "at": at}
    lines: list[dict[str, Any]] = [
        {"format": "dateline-journal", "version": 1},
        {"seq": 1, "type": "coverage.opened", **event, "details": head},
        {"seq": 2, "type": "entry.published", **event, "entry": entry},
        {"end": {"events": 2, "drafts": 0}},
    ]
    desks.clients["Ani"].post(
        "/v1/imports",
        content="\n".join(map(json.dumps, lines)),
        headers={"Content-Type": "application/x-ndjson"},
    ).raise_for_status()
    return slug


def _ages(page: "Page") -> dict[str, str]:
    """What is told beside each entry, by its headline."""
    ages: dict[str, str] = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('.days .entry')].map("
        "(each) => [each.querySelector('.headline').textContent.trim(),"
        " each.querySelector('.ago').textContent]))"
    )
    return ages


def _live(page: "Page") -> None:
    page.locator(".connection[data-state=live]").wait_for(state="attached")


def _until_ages(page: "Page", **ages: str) -> None:
    """Wait until these are the ages."""
    wanted = json.dumps(ages)
    until(
        page,
        f"""JSON.stringify(Object.fromEntries(Object.entries({wanted}).map(([name]) => {{
          const found = [...document.querySelectorAll('.days .entry')]
            .find((each) => each.querySelector('.headline').textContent.trim() === name);
          return [name, found?.querySelector('.ago').textContent];
        }}))) === JSON.stringify({wanted})""",
    )


def _watch_ages(page: "Page") -> None:
    """Note every age that is ever told beside an entry, from before the page's own scripts."""
    page.add_init_script(
        """globalThis.told = new Set();
        new MutationObserver(() => {
          for (const each of document.querySelectorAll(".ago")) told.add(each.textContent);
        }).observe(document, { childList: true, characterData: true, subtree: true });"""
    )


@pytest.mark.full("a device whose clock is wrong; tests/scripts has the rule")
def test_ages_are_by_the_servers_clock_from_the_first_on(
    desks: Newsdesks, context: "BrowserContext"
) -> None:
    """On a page, in a second tab, and when the device's clock is set this way and that."""
    slug = _import(desks)
    page = context.new_page()
    _watch_ages(page)
    page.goto(f"/coverages/{slug}")
    _until_ages(page, Old=_OLD)
    desks.write("Ed", slug, headline="New")
    _until_ages(page, Old=_OLD, New=_NEW)
    second = context.new_page()  # is told by the first what comes
    _watch_ages(second)
    second.goto(f"/coverages/{slug}")
    _until_ages(second, Old=_OLD)
    for off in timedelta(hours=-7), timedelta(hours=7), timedelta(0):
        for each in page, second:
            _set(each, off)
        desks.write("Ed", slug, headline=f"At {off}")
        _until_ages(page, Old=_OLD, **{f"At {off}": _NEW})
        _until_ages(second, Old=_OLD, **{f"At {off}": _NEW})
    page.goto("/")
    _set(page, timedelta(hours=7))
    page.go_back(wait_until="commit")  # out of a cache, with the times of when it was made
    _until_ages(page, Old=_OLD)
    for each in page, second:
        assert set(each.evaluate("[...told]")) <= {"", _OLD, _NEW, "1 min. ago", "2 min. ago"}


@pytest.mark.full("test_since has what is told")
def test_who_comes_back_is_told_by_the_servers_clock(
    desks: Newsdesks, context: "BrowserContext"
) -> None:
    """Whatever the device shows when they leave and when they come: after a minute, not before."""
    slug = _import(desks)
    page = context.new_page()
    page.goto(f"/coverages/{slug}")
    _live(page)
    left = "JSON.parse(localStorage[`dateline ${document.querySelector('main').dataset.coverage}`])"
    until(page, f"localStorage['dateline {slug}']")
    at = page.evaluate(f"{left}.at")
    assert abs(at / 1000 - datetime.now(UTC).timestamp()) < 600
    page.goto("/")
    desks.write("Ed", slug, headline="Meanwhile")
    _set(page, timedelta(hours=14))
    page.goto(f"/coverages/{slug}")
    _until_ages(page, Old=_OLD)
    assert not page.locator(".since").is_visible()
    page.goto("/")
    page.evaluate(
        """(key) => {
          const left = JSON.parse(localStorage[key]);
          localStorage[key] = JSON.stringify({ ...left, at: left.at - 120_000 });
        }""",
        f"dateline {slug}",
    )
    desks.write("Ed", slug, headline="Later")
    _set(page, timedelta(hours=-14))
    page.goto(f"/coverages/{slug}")
    page.locator(".since", has_text="Later").wait_for()


@pytest.mark.full("test_composer has the newsroom's clock")
def test_the_desk_keeps_the_newsrooms_time(desks: Newsdesks, context: "BrowserContext") -> None:
    """What is scheduled, how long it waits, and when a text was saved; ages beside entries."""
    slug = _import(desks)
    context.add_cookies(
        [
            {"name": each.name, "value": str(each.value), "url": desks.url}
            for each in desks.clients["Ed"].cookies.jar
        ]
    )
    page = context.new_page()
    page.goto(f"/desk/coverages/{slug}")
    _live(page)
    _until_ages(page, Old=_OLD)
    write(page, "Soon")
    page.locator(".more summary").click()
    due = datetime.now(UTC) + timedelta(hours=3, minutes=20)
    page.locator("[name=embargo]").fill(f"{due - timedelta(hours=5):%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="Schedule", exact=True).click()
    assert "still to come" in page.inner_text(".message")
    page.locator("[name=embargo]").fill(f"{due:%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="Schedule", exact=True).click()
    item = item_of(page, "scheduled", "Soon")
    item.get_by_text("in 3 hours").wait_for()
    for off in timedelta(hours=-7), timedelta(hours=7):
        _set(page, off)
        page.clock.run_for(_SKIPPED // timedelta(milliseconds=1))  # the next look at the clock
        assert item.get_by_text("in 3 hours").is_visible()
    write(page, "A draft")
    earliest = datetime.now(UTC)
    page.keyboard.press("Control+s")
    until(page, "document.querySelector('.saved').dataset.state === 'saved'")
    latest = datetime.now(UTC) + 2 * _SKIPPED  # the page has lived through what was skipped
    hour, minute = map(int, page.inner_text(".saved").removeprefix("Saved ").split(":"))
    saved = earliest.replace(hour=hour, minute=minute, second=0, microsecond=0)
    saved += timedelta(days=saved < earliest - timedelta(hours=1))  # midnight has passed since
    assert earliest - timedelta(minutes=1) < saved <= latest
