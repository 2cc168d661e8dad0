"""The JavaScript client in browsers: each event once, in order, whatever happens to the line."""

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

# What is read otherwise than it was written, with each line end and in chunks of each size.
_PIECES = """(async () => {
  const { frames } = await import("/static/any/event_stream.js");
  const told =
    ":\\n\\nid: é-1\\nevent:a\\ndata: {\\ndata\\ndata:ü🦜 : }\\nretry: 5\\n\\ndata: 1\\n\\n";
  const wanted = JSON.stringify([
    {},
    { id: "é-1", event: "a", data: "{\\n\\nü🦜 : }", retry: "5" },
    { data: "1" },
  ]);
  const wrong = [];
  for (const end of ["\\n", "\\r\\n", "\\r"]) {
    const bytes = new TextEncoder().encode(told.replaceAll("\\n", end));
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
    """From a cursor the client gives history, then what is live, with the HTML if asked for."""
    timeline.publish("Before")
    follower = Follower(browser, timeline, after="0", format=form)
    follower.receive(2)
    for number in range(10):
        written = timeline.publish(f"Number {number}", body="*Words* & ümläuts")
        (received,) = follower.receive(1)
        assert received["id"] == written["cursor"]
        assert ("<article" in received["event"].get("html", "")) == (form == "html")
    follower.receive_all("0")
    assert follower.states == ["connecting", "live"]


def test_without_a_cursor_it_begins_now(browser: Browser, timeline: Timeline) -> None:
    """What was published before is not given."""
    start = timeline.publish("Before")["cursor"]
    follower = Follower(browser, timeline)
    follower.reach("live")
    assert follower.run("reader.source.cursor") == start
    timeline.publish("After")
    follower.receive_all(start)


def test_a_stream_may_be_cut_into_pieces_anywhere(browser: Browser, timeline: Timeline) -> None:
    """Blocks are read alike with each line end, and wherever a chunk begins."""
    follower = Follower(browser, timeline)
    assert follower.run(_PIECES) == []


def test_odd_bytes_on_the_way_do_no_harm(
    browser: Browser, timeline: Timeline, proxy: Proxy
) -> None:
    """A proxy may send other line ends, and split characters."""

    def crumble(block: bytes) -> Iterator[bytes]:
        if block.startswith(b"HTTP"):
            return iter([block])
        told = block.replace(b"\n", b"\r\n")
        return (told[at : at + 1] for at in range(len(told)))

    proxy.edit = crumble
    follower = Follower(browser, timeline, proxy.url, after="0")
    timeline.publish("ümläuts 🦜")
    timeline.publish("And more")
    follower.receive_all("0")
    assert follower.states == ["connecting", "live"]


def test_a_hole_is_filled_before_what_lies_behind_it(
    browser: Browser, timeline: Timeline, proxy: Proxy
) -> None:
    """Two events are lost on the way, and come from the history in their place."""
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
    """Whatever the way doubles."""
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
    """The page is told why and where, and what follows lies behind that."""
    head = timeline.publish("Before")["cursor"]
    follower = Follower(browser, timeline, after=after)
    follower.reach("live")
    follower.run("reader.until(() => reader.resets.length, 'no reset')")
    assert follower.resets == [{"reason": "unknown-cursor", "cursor": head}]
    written = timeline.publish("After")
    assert [received["id"] for received in follower.receive(1)] == [written["cursor"]]


def test_an_unknown_coverage_is_gone(browser: Browser, timeline: Timeline) -> None:
    """The client says so and asks no more."""
    timeline.slug = "nobody-took-this"
    follower = Follower(browser, timeline)
    follower.reach("gone")
    assert follower.states == ["connecting", "gone"]


@pytest.mark.full("its times are waited for")
def test_a_stream_that_ends_by_plan_is_no_failure(
    browser: Browser, short_stream_newsroom: Newsroom
) -> None:
    """Streams that live for a second follow each other, and the page is told of nothing."""
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
    """Nothing is given any more, not even what was on its way."""
    follower = Follower(browser, timeline, proxy.url)
    follower.reach("live")
    follower.run("reader.source.close()")
    timeline.publish("Too late")
    assert follower.states == ["connecting", "live", "closed"]
    assert follower.run("reader.received") == []


@pytest.mark.full("its times are waited for")
def test_after_a_power_cut_nothing_is_missed_and_nothing_doubled(
    browser: Browser, tmp_path: Path
) -> None:
    """The server dies without a word, and comes back."""
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
    """Nothing is forwarded and nobody says so; the heartbeats that are missing do."""
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
        # A browser may use another dead line again, and then polls for some seconds.
        follower.reach("live")
        assert follower.states[:3] == ["connecting", "live", "reconnecting"]
        assert proxy.streams > 1


@pytest.mark.full("its times are waited for")
@pytest.mark.parametrize("form", ["json", "html"])
def test_where_streams_are_held_back_requests_are_held_instead(
    browser: Browser, timeline: Timeline, proxy: Proxy, form: str
) -> None:
    """Behind a proxy that buffers, the same events come by long-poll, with their HTML."""
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
    """After two minutes, as the page's clock has it, the stream is tried again."""
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
    """The client asks the server that it came from, wherever the page is from."""
    home = timeline.newsroom.server.url
    (tmp_path / "index.html").write_text("<!doctype html><title>Another site</title>")
    with another_site(tmp_path) as site:
        follower = Follower(browser, timeline, site, home=home, after="0")
        timeline.publish("Heard elsewhere")
        follower.receive_all("0")
        assert follower.states == ["connecting", "live"]
