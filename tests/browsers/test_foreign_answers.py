"""Answers of a proxy in the server's place, as during a deploy, do not end an open page."""

import pytest

from tests.browsers.browser import Browser
from tests.browsers.follower import Follower
from tests.browsers.proxy import Proxy, proxy_to
from tests.browsers.proxy_answers import ANSWERS
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline

pytestmark = pytest.mark.full("each answer is waited out")

_ENOUGH = 3  # answers of the proxy's after which the client has reacted


def _wait_for_answers(page: Follower, proxy: Proxy) -> None:
    target = proxy.answered + _ENOUGH
    while proxy.answered < target:
        page.run("new Promise((resolve) => setTimeout(resolve, 100))")


@pytest.mark.parametrize("how", ["subscribe", "share"])
def test_an_open_page_outlives_them_all(
    browser: Browser, fast_heartbeat_newsroom: Newsroom, how: str
) -> None:
    """An open page goes on after each of the answers, and misses no event."""
    timeline = new_timeline(fast_heartbeat_newsroom, new_slug())
    with proxy_to(fast_heartbeat_newsroom.server.port) as proxy:
        # A short `silence`, so that a dead connection is noticed and attempts follow quickly.
        follower = Follower(browser, timeline, proxy.url, how, after="0", silence=2000)
        follower.run("void (Math.random = () => 0)")  # no pause before the next attempt
        follower.reach("live")
        for name, answer in ANSWERS.items():
            proxy.answer = answer
            proxy.disconnect()
            _wait_for_answers(follower, proxy)
            timeline.publish(f"While it was {name}")
            proxy.answer = None
            follower.receive_all("0")
        assert set(follower.states) <= {"connecting", "live", "reconnecting", "polling"}
