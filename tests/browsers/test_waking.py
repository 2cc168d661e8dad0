"""Pages after sleep, network loss, freezing and crashes; only Chromium lets a test do these."""

from collections.abc import Iterator

import pytest

from tests.browsers.chromium import Chromium, chromium
from tests.browsers.follower import Follower
from tests.browsers.proxy import Proxy, proxy_to
from tests.browsers.stream_metrics import has_streams
from tests.browsers.tabs import tabs
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.timeline import Timeline

_NEVER = 3_600_000  # ms of silence until a connection counts as dead


@pytest.fixture
def browser() -> Iterator[Chromium]:
    """A new browser context, whose clock is not set."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def timeline(isolated_newsroom: Newsroom) -> Timeline:
    """A coverage of the server without other readers."""
    return new_timeline(isolated_newsroom, new_slug())


@pytest.fixture
def proxy(isolated_newsroom: Newsroom) -> Iterator[Proxy]:
    """A proxy in front of that server."""
    with proxy_to(isolated_newsroom.server.port) as proxy:
        yield proxy


@pytest.mark.full("its times are waited for")
def test_after_a_sleep_it_does_not_wait_for_a_heartbeat(
    browser: Chromium, timeline: Timeline, proxy: Proxy
) -> None:
    """A jump of the clock makes the client reconnect, as its connection may be dead after sleep."""
    start = timeline.head
    browser.page.clock.install()
    follower = Follower(browser, timeline, proxy.url, after=start, silence=_NEVER)
    follower.reach("live")
    proxy.stall()
    timeline.publish("While it sleeps")
    browser.page.clock.fast_forward(60_000)
    follower.receive_all(start)


@pytest.mark.full("its times are waited for")
def test_when_the_network_is_back_it_asks_at_once(
    browser: Chromium, timeline: Timeline, proxy: Proxy
) -> None:
    """The browser's `online` event makes the client reconnect, though its connection is silent."""
    start = timeline.head
    follower = Follower(browser, timeline, proxy.url, after=start, silence=_NEVER)
    follower.reach("live")
    proxy.stall()
    browser.page.context.set_offline(offline=True)
    timeline.publish("While it is away")
    browser.page.context.set_offline(offline=False)
    follower.receive_all(start)


@pytest.mark.full("its times are waited for")
def test_a_frozen_page_lets_its_line_go(browser: Chromium, timeline: Timeline) -> None:
    """A frozen page closes its stream, and catches up when it is resumed."""
    follower = Follower(browser, timeline, after="0")
    follower.reach("live")
    # Dispatched by hand: Playwright keeps each tab visible, and visible tabs are not frozen.
    follower.run("void document.dispatchEvent(new Event('freeze'))")
    assert has_streams(timeline, 0)
    timeline.publish("While it is frozen")
    follower.run("void document.dispatchEvent(new Event('resume'))")
    follower.receive_all("0")
    assert follower.states == ["connecting", "live", "reconnecting", "live"]


@pytest.mark.full("its times are waited for")
def test_a_leader_that_crashes_is_succeeded(browser: Chromium, timeline: Timeline) -> None:
    """The browser releases a crashed leader's lock; the next leader's tabs miss no event."""
    with tabs(browser, timeline, 3) as followers:
        leader, *others = followers
        for follower in followers:
            follower.reach("live")
        timeline.publish("Before")
        browser.switch(leader.tab)
        with browser.page.expect_event("crash"):
            _crash(browser)
        timeline.publish("After")
        for follower in others:
            follower.receive_all("0")
        assert has_streams(timeline, 1)


def _crash(browser: Chromium) -> None:
    from playwright.sync_api import Error

    with pytest.raises(Error):
        browser.page.goto("chrome://crash")
