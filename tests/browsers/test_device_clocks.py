"""Devices with a wrong clock, or one set while a page is open: the server's clock is used."""

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

_OFFSETS = {"seven hours ahead": timedelta(hours=7), "seven hours behind": -timedelta(hours=7)}
_NEW = "just now"
_OLD = "2 hr ago"
_SKIPPED = timedelta(milliseconds=1_500)


@pytest.fixture(scope="module")
def shared_desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsdesks]:
    """A server with an editor at the desk."""
    with (
        chromium_process() as process,
        newsdesks(tmp_path_factory.mktemp("clocks"), ["Ani", "Ed"], process) as desks,
    ):
        yield desks


@pytest.fixture
def desks(shared_desks: Newsdesks) -> Iterator[Newsdesks]:
    """The same server; every page is closed after the test."""
    yield shared_desks
    shared_desks.close()


@pytest.fixture(params=_OFFSETS)
def context(request: pytest.FixtureRequest, shared_desks: Newsdesks) -> Iterator["BrowserContext"]:
    """A browser context whose clock is wrong."""
    context = shared_desks.process.new_context(base_url=shared_desks.url)
    context.clock.install(time=datetime.now(UTC) + _OFFSETS[request.param])
    yield context
    context.close()


def _set_clock(page: "Page", offset: timedelta) -> None:
    """Set the device's clock while the page is open, by its difference to the real time."""
    page.clock.set_system_time(datetime.now(UTC) + offset)


def _import(desks: Newsdesks) -> str:
    """Import a coverage with an entry of two hours ago; returns its slug."""
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
    records: list[dict[str, Any]] = [
        {"format": "dateline-journal", "version": 1},
        {"seq": 1, "type": "coverage.opened", **event, "details": head},
        {"seq": 2, "type": "entry.published", **event, "entry": entry},
        {"end": {"events": 2, "drafts": 0}},
    ]
    desks.clients["Ani"].post(
        "/v1/imports",
        content="\n".join(map(json.dumps, records)),
        headers={"Content-Type": "application/x-ndjson"},
    ).raise_for_status()
    return slug


def _ages(page: "Page") -> dict[str, str]:
    """Return the age shown beside each entry, by headline."""
    ages: dict[str, str] = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('.days .entry')].map("
        "(each) => [each.querySelector('.headline').textContent.trim(),"
        " each.querySelector('.ago').textContent]))"
    )
    return ages


def _wait_until_live(page: "Page") -> None:
    page.locator(".connection[data-state=live]").wait_for(state="attached")


def _until_ages(page: "Page", **ages: str) -> None:
    """Wait until the entries with these headlines show these ages."""
    expected_ages = json.dumps(ages)
    until(
        page,
        f"""JSON.stringify(Object.fromEntries(Object.entries({expected_ages}).map(([name]) => {{
          const found = [...document.querySelectorAll('.days .entry')]
            .find((each) => each.querySelector('.headline').textContent.trim() === name);
          return [name, found?.querySelector('.ago').textContent];
        }}))) === JSON.stringify({expected_ages})""",
    )


def _record_ages(page: "Page") -> None:
    """Record every age ever shown, by a script that runs before the page's own."""
    page.add_init_script(
        """globalThis.ages = new Set();
        new MutationObserver(() => {
          for (const each of document.querySelectorAll(".ago")) ages.add(each.textContent);
        }).observe(document, { childList: true, characterData: true, subtree: true });"""
    )


@pytest.mark.full("a device whose clock is wrong; tests/scripts has the rule")
def test_ages_are_by_the_servers_clock_from_the_first_on(
    desks: Newsdesks, context: "BrowserContext"
) -> None:
    """Ages are right at all times, in two tabs, while the device's clock is set back and forth."""
    slug = _import(desks)
    page = context.new_page()
    _record_ages(page)
    page.goto(f"/coverages/{slug}")
    _until_ages(page, Old=_OLD)
    desks.write("Ed", slug, headline="New")
    _until_ages(page, Old=_OLD, New=_NEW)
    second = context.new_page()  # receives its events from the first tab
    _record_ages(second)
    second.goto(f"/coverages/{slug}")
    _until_ages(second, Old=_OLD)
    for offset in timedelta(hours=-7), timedelta(hours=7), timedelta(0):
        for tab in page, second:
            _set_clock(tab, offset)
        desks.write("Ed", slug, headline=f"At {offset}")
        _until_ages(page, Old=_OLD, **{f"At {offset}": _NEW})
        _until_ages(second, Old=_OLD, **{f"At {offset}": _NEW})
    page.goto("/")
    _set_clock(page, timedelta(hours=7))
    page.go_back(wait_until="commit")  # from the back/forward cache, with ages of that time
    _until_ages(page, Old=_OLD)
    for tab in page, second:
        assert set(tab.evaluate("[...ages]")) <= {"", _OLD, _NEW, "1 min ago", "2 min ago"}


@pytest.mark.full("test_since has what is told")
def test_who_comes_back_is_told_by_the_servers_clock(
    desks: Newsdesks, context: "BrowserContext"
) -> None:
    """The summary of changes appears after a minute by the server's clock, and not before."""
    slug = _import(desks)
    page = context.new_page()
    page.goto(f"/coverages/{slug}")
    _wait_until_live(page)
    left = "JSON.parse(localStorage[`dateline ${document.querySelector('main').dataset.coverage}`])"
    until(page, f"localStorage['dateline {slug}']")
    at = page.evaluate(f"{left}.at")
    assert abs(at / 1000 - datetime.now(UTC).timestamp()) < 600
    page.goto("/")
    desks.write("Ed", slug, headline="Meanwhile")
    _set_clock(page, timedelta(hours=14))
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
    _set_clock(page, timedelta(hours=-14))
    page.goto(f"/coverages/{slug}")
    page.locator(".since", has_text="Later").wait_for()


@pytest.mark.full("test_composer has the newsroom's clock")
def test_the_desk_keeps_the_newsrooms_time(desks: Newsdesks, context: "BrowserContext") -> None:
    """Scheduled times, countdowns, saving times and ages at the desk use the newsroom's clock."""
    slug = _import(desks)
    context.add_cookies(
        [
            {"name": each.name, "value": str(each.value), "url": desks.url}
            for each in desks.clients["Ed"].cookies.jar
        ]
    )
    page = context.new_page()
    page.goto(f"/desk/coverages/{slug}")
    _wait_until_live(page)
    _until_ages(page, Old=_OLD)
    write(page, "Soon")
    page.locator(".more summary").click()
    due = datetime.now(UTC) + timedelta(hours=3, minutes=20)
    page.locator("[name=embargo]").fill(f"{due - timedelta(hours=5):%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="Schedule", exact=True).click()
    assert page.inner_text(".message") == "Choose a time in the future to publish it."
    page.locator("[name=embargo]").fill(f"{due:%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="Schedule", exact=True).click()
    item = item_of(page, "scheduled", "Soon")
    item.get_by_text("in 3 hours").wait_for()
    for offset in timedelta(hours=-7), timedelta(hours=7):
        _set_clock(page, offset)
        page.clock.run_for(_SKIPPED // timedelta(milliseconds=1))  # until the page's next tick
        assert item.get_by_text("in 3 hours").is_visible()
    write(page, "A draft")
    earliest = datetime.now(UTC)
    page.keyboard.press("Control+s")
    until(page, "document.querySelector('.saved').dataset.state === 'saved'")
    latest = datetime.now(UTC) + 2 * _SKIPPED  # by which the page's clock has advanced
    hour, minute = map(int, page.inner_text(".saved").removeprefix("Saved ").split(":"))
    saved = earliest.replace(hour=hour, minute=minute, second=0, microsecond=0)
    saved += timedelta(days=saved < earliest - timedelta(hours=1))  # across midnight
    assert earliest - timedelta(minutes=1) < saved <= latest
