"""The outbox: what is published reaches the server once and in order, whatever comes between."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browsers.desk import (
    ED,
    JO,
    Desk,
    drafts,
    published_bodies,
    until,
    until_sent,
    write,
)
from tests.browsers.proxy import proxy_to
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline, running_newsroom
from tests.contract.timeline import Timeline
from tests.signed_in import take_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def timeline(staffed_newsroom: Newsroom) -> Timeline:
    """A live coverage for one test."""
    return new_timeline(staffed_newsroom, new_slug())


def test_what_is_published_offline_goes_out_once_and_in_order(
    desk: Desk, timeline: Timeline
) -> None:
    """Entries published offline are sent once, in order, also after their tab was closed."""
    page = desk.open(timeline.slug)
    desk.context.set_offline(True)
    for number in range(3):
        write(page, f"Number {number}")
        page.keyboard.press("Control+Enter")
        until(page, f"document.querySelectorAll('.letter').length === {number + 1}")
    page.close()
    desk.context.set_offline(False)
    until_sent(desk.open(timeline.slug))
    assert published_bodies(timeline) == ["Number 0", "Number 1", "Number 2"]
    assert not drafts(timeline)


@pytest.mark.full("tests/contract has repetitions, and what was offline goes out once")
def test_a_lost_answer_doubles_nothing(
    chromium: "Browser", staffed_newsroom: Newsroom, timeline: Timeline
) -> None:
    """A request whose answer is lost is repeated without a second entry, for drafts as well.

    The server has executed both requests by then.
    """
    with proxy_to(staffed_newsroom.server.port) as proxy:
        context = chromium.new_context()
        page = Desk(context, staffed_newsroom.server, ED, proxy.url).open(timeline.slug)
        proxy.loses = b"POST /v1/coverages/"
        write(page, "Once")
        page.keyboard.press("Control+Enter")
        while proxy.lost < 2:
            page.wait_for_timeout(20)
        assert published_bodies(timeline) == ["Once"]
        write(page, "A draft before it was out")
        page.keyboard.press("Control+s")
        until(page, "document.querySelector('.saved').dataset.state === 'away'")
        (draft,) = drafts(timeline)
        assert draft["body"]["markdown"] == "A draft before it was out"
        proxy.loses = None
        page.keyboard.press("Control+Enter")
        until(page, "document.querySelector('.message').textContent === 'Published.'")
        until_sent(page)
        context.close()
    assert published_bodies(timeline) == ["Once", "A draft before it was out"]
    assert not drafts(timeline)


@pytest.mark.full("processes are killed and started")
def test_a_server_that_is_killed_meanwhile_has_each_entry_once(
    chromium: "Browser", tmp_path: Path
) -> None:
    """Twelve entries sent while the server is killed and restarted are published once, in order."""
    with running_newsroom(tmp_path) as newsroom:
        take_in(newsroom.server, ED, "Ed", "editor")
        timeline = new_timeline(newsroom, new_slug())
        context = chromium.new_context()
        page = Desk(context, newsroom.server, ED).open(timeline.slug)
        for number in range(12):
            write(page, f"Number {number}")
            page.keyboard.press("Control+Enter")
            if number == 4:
                newsroom.server.kill()
            if number == 8:
                newsroom.server.start()
        until_sent(page)
        context.close()
        assert published_bodies(timeline) == [f"Number {number}" for number in range(12)]


def test_who_is_signed_out_loses_nothing_and_nobody_sends_it_for_them(
    desk: Desk, timeline: Timeline
) -> None:
    """An entry waits while its author is signed out or somebody else is signed in, then is sent."""
    page = desk.open(timeline.slug)
    desk.context.clear_cookies()
    write(page, "Mine")
    page.keyboard.press("Control+Enter")
    page.locator("[data-when=signed-out]").wait_for()
    desk.enter(JO)
    page.evaluate("dispatchEvent(new Event('focus'))")
    page.locator("[data-when=stranger]").wait_for()
    assert published_bodies(timeline) == []
    desk.enter(ED)
    page.evaluate("dispatchEvent(new Event('focus'))")
    until_sent(page)
    (entry,) = timeline.newsroom.reader.get(f"{timeline.path}/entries").json()["entries"]
    assert entry["bylines"] == []


def test_what_the_server_refuses_comes_back(desk: Desk, timeline: Timeline) -> None:
    """A refused entry shows the server's message, and can be edited and sent again."""
    page = desk.open(timeline.slug)
    timeline.newsroom.chief.patch(timeline.path, json={"status": "closed"}).raise_for_status()
    write(page, "Too late")
    page.keyboard.press("Control+Enter")
    letter = page.locator(".letter[data-state=refused]")
    letter.wait_for()
    assert "is closed" in letter.inner_text()
    letter.get_by_text("Edit").click()
    until(page, "document.querySelector('[name=body]').value === 'Too late'")
    timeline.newsroom.chief.patch(timeline.path, json={"status": "live"}).raise_for_status()
    page.locator("[data-action=publish]").click()
    until(page, "document.querySelector('.message').textContent === 'Published.'")
    assert published_bodies(timeline) == ["Too late"]
