"""A network outage of seconds, or as many as `BROWSER_OUTAGE` says (300: five minutes)."""

import os
import time

import pytest

from tests.browsers.browser import Browser
from tests.browsers.follower import Follower
from tests.browsers.proxy import proxy_to
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline

pytestmark = pytest.mark.full("an outage lasts")

_LENGTH = float(os.environ.get("BROWSER_OUTAGE", "5"))  # seconds
_PAUSES = 5


@pytest.mark.timeout(_LENGTH + 300)
def test_after_an_outage_nothing_is_missed_and_nothing_doubled(
    browser: Browser, fast_heartbeat_newsroom: Newsroom
) -> None:
    """After dead connections and failing new ones, the client receives each event once."""
    timeline = new_timeline(fast_heartbeat_newsroom, new_slug())
    with proxy_to(fast_heartbeat_newsroom.server.port) as proxy:
        start = timeline.head
        follower = Follower(browser, timeline, proxy.url, "share", after=start, silence=2000)
        timeline.publish("Before")
        follower.receive_all(start)
        proxy.is_offline = True
        proxy.stall()
        for number in range(_PAUSES):
            timeline.publish(f"While it is away, {number}")
            time.sleep(_LENGTH / _PAUSES)  # the length of the outage
        follower.reach("reconnecting")
        assert len(follower.run("reader.received")) == 1
        proxy.is_offline = False
        follower.reach("live")
        timeline.publish("Live again")
        follower.receive_all(start)
        assert follower.states[:3] == ["connecting", "live", "reconnecting"]
