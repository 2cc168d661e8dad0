"""The JavaScript client in browsers: each event once, in order, whatever the connection does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browsers.another_site import another_site
from tests.browsers.browser import Browser
from tests.browsers.follower import Follower
from tests.browsers.proxy import Proxy, proxy_to
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline, running_newsroom
from tests.contract.timeline import Timeline

# Returns the cases that are decoded wrongly, for each line ending and each chunk size.
_WRONGLY_DECODED = """(async () => {
  const { frames } = await import("/static/any/event_stream.js");
  const text =
    ":\\n\\nid: é-1\\nevent:a\\ndata: {\\ndata\\ndata:ü🦜 : }\\nretry: 5\\n\\ndata: 1\\n\\n";
  const wanted = JSON.stringify([
    {},
    { id: "é-1", event: "a", data: "{\\n\\nü🦜 : }", retry: "5" },
    { data: "1" },
  ]);
  const wrong = [];
  for (const end of ["\\n", "\\r\\n", "\\r"]) {
    const bytes = new TextEncoder().encode(text.replaceAll("\\n", end));
    for (let size = 1; size < 20; size += 1) {
      const body = new ReadableStream({
        start(line) {
          for (let at = 0; at < bytes.length; at += size) {
            line.enqueue(bytes.slice(at, at + size));
          }
          line.close();
        },
      });
      const got = [];
      for await (const block of frames(body)) got.push(block);
      if (JSON.stringify(got) !== wanted) wrong.push({ end, size, got });
    }
  }
  return wrong;
})()"""


@pytest.mark.parametrize("form", ["json", "html"])
def test_each_event_comes_before_the_next_is_published(
    browser: Browser, timeline: Timeline, form: str
) -> None:
    """From a cursor the client delivers the history, then live events, with HTML on request."""
    timeline.publish("Before")
    follower = Follower(browser, timeline, after="0", format=form)
    follower.receive(2)
    for number in range(10):
        entry = timeline.publish(f"Number {number}", body="*Words* & ümläuts")
        (received,) = follower.receive(1)
        assert received["id"] == entry["cursor"]
        assert ("<article" in received["event"].get("html", "")) == (form == "html")
    follower.receive_all("0")
    assert follower.states == ["connecting", "live"]


def test_without_a_cursor_it_begins_now(browser: Browser, timeline: Timeline) -> None:
    """Without a cursor only later events are delivered."""
    start = timeline.publish("Before")["cursor"]
    follower = Follower(browser, timeline)
    follower.reach("live")
    assert follower.run("reader.source.cursor") == start
    timeline.publish("After")
    follower.receive_all(start)


def test_a_stream_may_be_cut_into_pieces_anywhere(browser: Browser, timeline: Timeline) -> None:
    """The decoder reads each line ending, wherever the chunks are split."""
    follower = Follower(browser, timeline)
    assert follower.run(_WRONGLY_DECODED) == []


def test_odd_bytes_on_the_way_do_no_harm(
    browser: Browser, timeline: Timeline, proxy: Proxy
) -> None:
    """CRLF line endings and chunks of one byte, which split characters, are read correctly."""

    def split_bytes(block: bytes) -> Iterator[bytes]:
        if block.startswith(b"HTTP"):
            return iter([block])
        block_crlf = block.replace(b"\n", b"\r\n")
        return (block_crlf[at : at + 1] for at in range(len(block_crlf)))

    proxy.edit = split_bytes
    follower = Follower(browser, timeline, proxy.url, after="0")
    timeline.publish("ümläuts 🦜")
    timeline.publish("And more")
    follower.receive_all("0")
    assert follower.states == ["connecting", "live"]


def test_a_hole_is_filled_before_what_lies_behind_it(
    browser: Browser, timeline: Timeline, proxy: Proxy
) -> None:
    """Events lost in the stream are read from the journal, in their place, on the same stream."""
    proxy.edit = lambda block: [] if b"Lost" in block else [block]
    follower = Follower(browser, timeline, proxy.url, after=timeline.head)
    start = timeline.head
    follower.reach("live")
    for headline in ("Heard", "Lost", "Lost too", "Heard again"):
        timeline.publish(headline)
    follower.receive(4)
    follower.receive_all(start)
    assert proxy.streams == 1


def test_what_comes_twice_is_given_once(browser: Browser, timeline: Timeline, proxy: Proxy) -> None:
    """Events that arrive twice are delivered once."""
    proxy.edit = lambda block: [block, block] if b"data" in block else [block]
    follower = Follower(browser, timeline, proxy.url, after="0")
    for number in range(3):
        timeline.publish(f"Number {number}")
    follower.receive(4)
    follower.receive_all("0")
    assert follower.states == ["connecting", "live"]


@pytest.mark.parametrize("after", ["rubbish", "0000-1"])
def test_a_journal_that_cannot_be_resumed_begins_anew(
    browser: Browser, timeline: Timeline, after: str
) -> None:
    """An unknown cursor gives a reset with a reason and the new cursor; later events follow."""
    head = timeline.publish("Before")["cursor"]
    follower = Follower(browser, timeline, after=after)
    follower.reach("live")
    follower.run("reader.until(() => reader.resets.length, 'no reset')")
    assert follower.resets == [{"reason": "unknown-cursor", "cursor": head}]
    entry = timeline.publish("After")
    assert [received["id"] for received in follower.receive(1)] == [entry["cursor"]]


def test_an_unknown_coverage_is_gone(browser: Browser, timeline: Timeline, proxy: Proxy) -> None:
    """For an unknown coverage the client's last state is `gone`.

    It makes no further request, not even when the browser is online again or the coverage exists.
    """
    unknown = Timeline(timeline.newsroom, new_slug())
    follower = Follower(browser, unknown, proxy.url, after="0")
    follower.reach("gone")
    follower.run("void dispatchEvent(new Event('online'))")  # ends a pause before a new attempt
    new_timeline(timeline.newsroom, unknown.slug).publish("Too late")
    follower.follow_beside(2)
    assert follower.states == ["connecting", "gone"]
    assert follower.run("reader.received") == []
    assert proxy.streams == 2


@pytest.mark.full("its times are waited for")
def test_a_stream_that_ends_by_plan_is_no_failure(
    browser: Browser, short_stream_newsroom: Newsroom
) -> None:
    """The client reconnects after the end of a stream's lifetime without a change of state."""
    timeline = new_timeline(short_stream_newsroom, new_slug())
    with proxy_to(short_stream_newsroom.server.port) as proxy:
        follower = Follower(browser, timeline, proxy.url, after="0")
        for number in range(3):
            timeline.publish(f"Number {number}")
            follower.receive(1)
            follower.run("new Promise((resolve) => setTimeout(resolve, 3000))")
        follower.receive_all("0")
        assert follower.states == ["connecting", "live"]
        assert proxy.streams > 1


def test_closing_ends_the_stream(browser: Browser, timeline: Timeline, proxy: Proxy) -> None:
    """After `close` the connection ends, and no event is delivered."""
    follower = Follower(browser, timeline, proxy.url)
    follower.reach("live")
    follower.run("reader.source.close()")
    proxy.wait_until_streams_end()
    timeline.publish("Too late")
    follower.follow_beside(2)
    assert proxy.streams == 2
    assert follower.states == ["connecting", "live", "closed"]
    assert follower.run("reader.received") == []


@pytest.mark.full("its times are waited for")
def test_after_a_power_cut_nothing_is_missed_and_nothing_doubled(
    browser: Browser, tmp_path: Path
) -> None:
    """The client resumes after a server was killed and restarted, with each event once."""
    with running_newsroom(tmp_path, heartbeat="0.2") as newsroom:
        timeline = new_timeline(newsroom, new_slug())
        start = timeline.head
        follower = Follower(browser, timeline, after=start)
        for number in range(5):
            timeline.publish(f"Number {number}")
            follower.receive(1)
        timeline.publish("Under way when the power goes")
        newsroom.server.kill()
        follower.reach("reconnecting")
        newsroom.server.start()
        for number in range(5):
            timeline.publish(f"While it is away, {number}")
        follower.reach("live")
        timeline.publish("Live again")
        follower.receive_all(start)
        assert follower.states == ["connecting", "live", "reconnecting", "live"]


@pytest.mark.full("its times are waited for")
def test_a_dead_line_is_noticed_and_resumed(
    browser: Browser, fast_heartbeat_newsroom: Newsroom
) -> None:
    """Missing heartbeats reveal a stalled connection, and the client resumes."""
    timeline = new_timeline(fast_heartbeat_newsroom, new_slug())
    with proxy_to(fast_heartbeat_newsroom.server.port) as proxy:
        start = timeline.head
        follower = Follower(browser, timeline, proxy.url, after=start, silence=1500)
        timeline.publish("Alive")
        follower.receive(1)
        proxy.stall()
        timeline.publish("Into the void")
        timeline.publish("And again")
        follower.receive(2)
        follower.receive_all(start)
        # A browser may reuse another stalled connection; the client then polls for some seconds.
        follower.reach("live")
        assert follower.states[:3] == ["connecting", "live", "reconnecting"]
        assert proxy.streams > 1


@pytest.mark.full("its times are waited for")
@pytest.mark.parametrize("form", ["json", "html"])
def test_where_streams_are_held_back_requests_are_held_instead(
    browser: Browser, timeline: Timeline, proxy: Proxy, form: str
) -> None:
    """Behind a buffering proxy the events come by long-polling, with HTML on request."""
    proxy.holds_streams = True
    follower = Follower(browser, timeline, proxy.url, after="0", format=form)
    timeline.publish("Before it is known")
    follower.reach("polling")
    for number in range(3):
        timeline.publish(f"Number {number}")
        (received,) = follower.receive(1)[-1:]
        assert ("<article" in received["event"].get("html", "")) == (form == "html")
    follower.receive_all("0")
    assert follower.states == ["connecting", "polling"]


@pytest.mark.full("its times are waited for")
def test_who_polls_comes_back_to_the_stream(
    browser: Browser, timeline: Timeline, proxy: Proxy
) -> None:
    """Two minutes after the fallback to polling, by the page's clock, the stream is tried again."""
    proxy.holds_streams = True
    start = timeline.head
    follower = Follower(browser, timeline, proxy.url, after=start)
    follower.reach("polling")
    proxy.holds_streams = False
    follower.run("void (Date.now = ((now) => () => now() + 120_000)(Date.now))")
    timeline.publish("Ends the request that is held")
    follower.reach("live")
    timeline.publish("Live")
    follower.receive_all(start)


def test_a_page_of_another_site_reads_it_too(
    browser: Browser, timeline: Timeline, tmp_path: Path
) -> None:
    """A client loaded into another site's page connects to the server that it was loaded from."""
    home = timeline.newsroom.server.url
    (tmp_path / "index.html").write_text("<!doctype html><title>Another site</title>")
    with another_site(tmp_path) as site:
        follower = Follower(browser, timeline, site, home=home, after="0")
        timeline.publish("Heard elsewhere")
        follower.receive_all("0")
        assert follower.states == ["connecting", "live"]
