"""EventSource in browsers, which request gzip by default: the compressed stream is live."""

import random

import pytest

from tests.browsers.browser import Browser
from tests.browsers.listener import Listener
from tests.conftest import Newsroom

_GZIP = {"transport": "sse-gzip"}


@pytest.mark.full("the other form", but=["html"])
@pytest.mark.parametrize("form", ["json", "html"])
def test_each_event_comes_before_the_next_is_published(
    browser: Browser, quiet_newsroom: Newsroom, form: str
) -> None:
    """The compressor holds no event back until the next; ids and order are the journal's."""
    listener = Listener(browser, quiet_newsroom)
    opened = listener.figure("connections_opened_total", **_GZIP)
    start = listener.timeline.head
    listener.listen(f"?format={form}")
    assert listener.figure("connections_opened_total", **_GZIP) == opened + 1
    for number in range(20):
        entry = listener.timeline.publish(f"Number {number}", body="*Words* & ümläuts")
        (received,) = listener.receive(1)
        assert received["id"] == received["event"]["cursor"] == entry["cursor"]
        assert ("html" in received["event"]) == (form == "html")
        assert form == "json" or f"Number {number}" in received["event"]["html"]
    listener.check_complete(start)
    assert (listener.state("opens"), listener.state("errors")) == (1, 0)


@pytest.mark.full("its times are waited for")
def test_heartbeats_between_events_do_no_harm(
    browser: Browser, fast_heartbeat_newsroom: Newsroom
) -> None:
    """Compressed heartbeats before, between and after events cause no message and no error."""
    listener = Listener(browser, fast_heartbeat_newsroom)
    start = listener.timeline.head
    listener.listen()
    for number in range(5):
        assert listener.heartbeats(3) == "gzip"
        listener.timeline.publish(f"Number {number}")
        listener.receive(1)
    assert listener.heartbeats(3) == "gzip"
    listener.check_complete(start)
    assert (listener.state("opens"), listener.state("errors")) == (1, 0)


@pytest.mark.full("its times are waited for")
def test_a_stream_that_is_rotated_goes_on_by_itself(
    browser: Browser, short_stream_newsroom: Newsroom
) -> None:
    """Events published while the browser reconnects after a rotation come with the next stream."""
    listener = Listener(browser, short_stream_newsroom)
    start = listener.timeline.head
    closed = listener.figure("connections_closed_total", **_GZIP, reason="rotated")
    # With a cursor in its URL, like the reader's page: Firefox and WebKit take no id from an event
    # without data, so before the first event they would have none to resume with.
    listener.listen(f"?after={start}")
    for number in range(2):
        listener.browser.run(f"reader.until(() => reader.errors > {number}, 'no end')")
        for letter in "abc":
            listener.timeline.publish(f"{letter}, while it was away")
        listener.opened(number + 2)
        listener.timeline.publish("It is back")
        listener.receive(4)
    listener.check_complete(start)
    assert listener.figure("connections_closed_total", **_GZIP, reason="rotated") >= closed + 2


@pytest.mark.full("its times are waited for")
def test_megabytes_of_history_come_through_gzip_whole(
    browser: Browser, quiet_newsroom: Newsroom
) -> None:
    """`after=0` replays megabytes of history through gzip, and continues live."""
    listener = Listener(browser, quiet_newsroom)
    rng = random.Random(1)
    for number in range(60):
        body = " ".join(rng.randbytes(10).hex() for _ in range(2800))
        listener.timeline.publish(f"Number {number}", body=body)
    listener.listen("?after=0&format=html")
    listener.receive(61)
    listener.timeline.publish("And live")
    listener.receive(1)
    listener.check_complete("0")
    assert sum(len(str(received["event"])) for received in listener.received) > 8_000_000


def test_a_retraction_comes_while_the_page_is_open(
    browser: Browser, quiet_newsroom: Newsroom
) -> None:
    """An open page receives the retraction; a later replay does not contain the text."""
    listener = Listener(browser, quiet_newsroom)
    listener.listen("?format=html")
    entry = listener.timeline.publish("Unsayable", body="Unsayable too")
    (published,) = listener.receive(1)
    assert "Unsayable" in published["event"]["html"]
    listener.timeline.retract(entry["id"], "It was not so.")
    (retracted,) = listener.receive(1)
    assert retracted["event"]["type"] == "entry.retracted"
    assert retracted["event"]["entry"]["retraction"]["note"] == "It was not so."
    assert "Unsayable" not in str(retracted)
    late_listener = Listener(browser, quiet_newsroom)
    late_listener.timeline = listener.timeline
    late_listener.listen("?after=0&format=html")
    assert "Unsayable" not in str(late_listener.receive(3))
