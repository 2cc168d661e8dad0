"""The JavaScript client in browsers: each event once, in order, whatever happens to the line."""

import pytest

from tests.browsers.browser import Browser
from tests.browsers.follower import Follower
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.timeline import Timeline


@pytest.fixture
def timeline(quiet: Newsroom) -> Timeline:
    """A coverage of a server without heartbeats."""
    return new_timeline(quiet, new_slug())


@pytest.mark.parametrize("form", ["json", "html"])
def test_each_event_comes_before_the_next_is_published(
    browser: Browser, timeline: Timeline, form: str
) -> None:
    """From a cursor the client gives history, then what is live, with the HTML if asked for."""
    timeline.publish("Before")
    follower = Follower(browser, timeline, after="0", format=form)
    follower.hear(2)
    for number in range(10):
        written = timeline.publish(f"Number {number}", body="*Words* & ümläuts")
        (heard,) = follower.hear(1)
        assert heard["id"] == written["cursor"]
        assert ("<article" in heard["event"].get("html", "")) == (form == "html")
    follower.hear_all("0")
    assert follower.states == ["connecting", "live"]
