"""A server killed under an open EventSource and restarted: the browser resumes its stream."""

from pathlib import Path

import pytest

from tests.browsers.browser import Browser
from tests.browsers.listener import Listener
from tests.contract.newsrooms import running_newsroom

pytestmark = pytest.mark.full("an outage lasts")


def test_after_a_power_cut_nothing_is_missed_and_nothing_doubled(
    browser: Browser, tmp_path: Path
) -> None:
    """The EventSource reconnects by itself with its Last-Event-ID, and gets each event once."""
    with running_newsroom(tmp_path, heartbeat="0.2") as newsroom:
        listener = Listener(browser, newsroom)
        start = listener.timeline.head
        listener.listen()
        assert listener.heartbeats(1) == "gzip"
        for number in range(5):
            listener.timeline.publish(f"Number {number}")
            listener.receive(1)
        listener.timeline.publish("Under way when the power goes")
        newsroom.server.kill()
        browser.run("reader.until(() => reader.errors > 0, 'no end')")
        newsroom.server.start()
        for number in range(5):
            listener.timeline.publish(f"While it is away, {number}")
        listener.opened(2)
        for number in range(5):
            listener.timeline.publish(f"Live again, {number}")
        listener.receive(16 - len(listener.received))
        listener.check_complete(start)
        assert listener.figure("connections_opened_total", transport="sse-gzip") == 1
        assert browser.run("reader.source.readyState") == 1
