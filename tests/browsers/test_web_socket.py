"""WebSocket in browsers, which offer permessage-deflate by default."""

import pytest

from tests.browsers.browser import Browser
from tests.browsers.listener import Listener
from tests.conftest import Newsroom


def test_a_compressed_socket_brings_what_the_stream_brings(
    browser: Browser, quiet_newsroom: Newsroom
) -> None:
    """Each event arrives before the next is published, and equals the journal's."""
    listener = Listener(browser, quiet_newsroom)
    start = listener.timeline.head
    listener.dial()
    assert "permessage-deflate" in listener.state("source.extensions")
    for number in range(20):
        listener.timeline.publish(f"Number {number}", body="*Words* & ümläuts")
        listener.receive(1)
    listener.check_complete(start)
    assert listener.state("errors") == 0


@pytest.mark.full("much is sent")
def test_a_compressed_socket_replays_the_history(
    browser: Browser, quiet_newsroom: Newsroom
) -> None:
    """`after=0` replays the whole journal, then live events follow."""
    listener = Listener(browser, quiet_newsroom)
    for number in range(50):
        listener.timeline.publish(f"Number {number}", body="Words " * 1000)
    listener.dial("?after=0")
    listener.receive(51)
    listener.timeline.publish("And live")
    listener.receive(1)
    listener.check_complete("0")
