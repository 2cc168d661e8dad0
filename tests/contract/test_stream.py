"""Tests of the live stream by SSE: cursors, events and resets."""

import time

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.problem import check_problem
from tests.contract.streams import PATIENCE, open_stream
from tests.contract.timeline import Timeline, fold_events

STREAM = {"Accept": "text/event-stream"}


def test_the_first_frame_primes_the_client(timeline: Timeline) -> None:
    """The first frame has `retry`, the cursor to go on from, and no data."""
    with open_stream(timeline.newsroom.server, timeline.slug) as stream:
        first = stream.frame()
    assert first.id == timeline.head
    assert first.data == ""
    assert first.retry is not None
    assert 2000 <= first.retry <= 5000


def test_clients_are_told_to_come_back_at_different_times(timeline: Timeline) -> None:
    """`retry` is random for each connection."""
    times = set()
    for _ in range(6):
        with open_stream(timeline.newsroom.server, timeline.slug) as stream:
            times.add(stream.frame().retry)
    assert len(times) > 1


def test_without_a_cursor_the_stream_starts_now(timeline: Timeline) -> None:
    """Without a cursor the stream begins at the head."""
    timeline.publish("Before")
    with open_stream(timeline.newsroom.server, timeline.slug) as stream:
        stream.frame()
        written = timeline.publish("After")
        assert stream.event()["cursor"] == written["cursor"]


def test_a_streams_event_is_the_journals(timeline: Timeline) -> None:
    """Each frame has the cursor as id, the default type, and the event as one line of JSON."""
    with open_stream(timeline.newsroom.server, timeline.slug) as stream:
        stream.frame()
        timeline.publish('A quote: "', body="A\u2028\n\nB\r\nC\x85D")
        frame = stream.message()
    (event,) = timeline.journal()[-1:]
    assert (frame.event, frame.id) == ("message", event["cursor"])
    assert "\n" not in frame.data
    assert frame.json() == event


@pytest.mark.parametrize("by_header", [True, False])
def test_a_cursor_replays_and_goes_on_live(timeline: Timeline, by_header: bool) -> None:
    """From a cursor the events behind it are replayed in order, then live events follow."""
    cursors = [timeline.publish(f"Number {number}")["cursor"] for number in range(5)]
    headers = {"Last-Event-ID": cursors[1]} if by_header else {}
    query = {} if by_header else {"after": cursors[1]}
    with open_stream(timeline.newsroom.server, timeline.slug, headers=headers, **query) as stream:
        assert stream.frame().id == cursors[1]
        replayed = stream.take(3)
        live = [timeline.publish("Live")["cursor"] for _ in range(3)]
        assert [event["cursor"] for event in replayed + stream.take(3)] == cursors[2:] + live


def test_zero_is_the_beginning(timeline: Timeline) -> None:
    """`after=0` replays the whole journal."""
    timeline.publish()
    with open_stream(timeline.newsroom.server, timeline.slug, after="0") as stream:
        assert stream.until(timeline.head) == timeline.journal()


def test_last_event_id_goes_before_after(timeline: Timeline) -> None:
    """`Last-Event-ID` takes precedence over `after`."""
    cursors = [timeline.publish()["cursor"] for _ in range(4)]
    headers = {"Last-Event-ID": cursors[2]}
    with open_stream(
        timeline.newsroom.server, timeline.slug, headers=headers, after=cursors[0]
    ) as stream:
        assert stream.frame().id == cursors[2]
        assert stream.event()["cursor"] == cursors[3]


def test_a_bad_last_event_id_goes_before_a_good_after(timeline: Timeline) -> None:
    """An invalid `Last-Event-ID` takes precedence over a valid `after`."""
    headers = {"Last-Event-ID": "garbage"}
    with open_stream(timeline.newsroom.server, timeline.slug, headers=headers, after="0") as stream:
        assert stream.message().event == "reset"


def test_the_head_replays_nothing(timeline: Timeline) -> None:
    """From the head nothing is replayed."""
    head = timeline.publish()["cursor"]
    with open_stream(timeline.newsroom.server, timeline.slug, after=head) as stream:
        assert stream.frame().id == head
        written = timeline.publish()
        assert stream.event()["cursor"] == written["cursor"]


@pytest.mark.parametrize(
    "cursor",
    [
        "garbage",
        "1",
        "EPOCH-99",
        "EPOCH-x",
        "EPOCH--1",
        "EPOCH-",
        "zzzzzzzz-1",
        "null",
        "x" * 3000,
        "EPOCH-99999999999999999999999",
    ],
)
@pytest.mark.parametrize("by_header", [True, False])
def test_who_cannot_resume_is_told_to_reload(
    timeline: Timeline, cursor: str, by_header: bool
) -> None:
    """An invalid cursor gets a `reset` with reason and head; the stream goes on from there."""
    head = timeline.publish("Old")["cursor"]
    cursor = cursor.replace("EPOCH", head.rpartition("-")[0])
    headers = {"Last-Event-ID": cursor} if by_header else {}
    query = {} if by_header else {"after": cursor}
    with open_stream(timeline.newsroom.server, timeline.slug, headers=headers, **query) as stream:
        reset = stream.message()
        assert (reset.event, reset.json()["cursor"]) == ("reset", head)
        assert reset.json()["reason"]
        written = timeline.publish("New")
        assert stream.event()["cursor"] == written["cursor"]


@pytest.mark.parametrize("cursor", ["%00", "%FF", "%0A%0Adata:%20x", "%0D%0Aevent:%20evil"])
def test_no_cursor_breaks_out_of_its_field(timeline: Timeline, cursor: str) -> None:
    """A cursor with line ends is not echoed as lines of the stream."""
    address = f"{timeline.path}/events?after={cursor}"
    with timeline.newsroom.reader.stream("GET", address, headers=STREAM) as response:
        assert response.status_code == 200
        lines = response.iter_lines()
        head = [next(lines) for _ in range(6)]
    assert not any(line.startswith(("data: x", "event: evil")) for line in head)


def test_who_is_too_far_behind_is_told_to_reload(limited_newsroom: Newsroom) -> None:
    """With a replay limit of five, five events are replayed, and of six none."""
    timeline = new_timeline(limited_newsroom, "too-far-behind")
    for _ in range(6):
        timeline.publish("x")
    journal = [event["cursor"] for event in timeline.journal()]
    with open_stream(limited_newsroom.server, timeline.slug, after=journal[-6]) as stream:
        assert [event["cursor"] for event in stream.take(5)] == journal[-5:]
    for cursor in (journal[-7], "0"):
        with open_stream(limited_newsroom.server, timeline.slug, after=cursor) as stream:
            reset = stream.message()
            assert (reset.event, reset.json()["cursor"]) == ("reset", journal[-1])
            written = timeline.publish("y")["cursor"]
            assert stream.event()["cursor"] == written
            journal.append(written)


def test_every_change_reaches_the_stream(timeline: Timeline) -> None:
    """Folding the stream's events gives the current page."""
    with open_stream(timeline.newsroom.server, timeline.slug, after="0") as stream:
        first, second = timeline.publish("One", body="*one*"), timeline.publish("Two")
        timeline.pin(first["id"])
        timeline.amend(second["id"], tags=["x"])
        timeline.pin(second["id"])
        timeline.correct(first["id"], headline="Uno")
        timeline.retract(second["id"])
        timeline.change(status="closed")
        events = stream.until(timeline.head)
    assert [event["cursor"] for event in events] == [e["cursor"] for e in timeline.journal()]
    page = {entry["id"]: entry for entry in timeline.page()["entries"]}
    assert fold_events(events) == page
    assert events[-1]["details"]["status"] == "closed"


def test_a_page_and_its_stream_leave_no_gap(timeline: Timeline) -> None:
    """The stream from a page's cursor has exactly the events after the page."""
    timeline.publish("On the page")
    page = timeline.page()
    timeline.publish("Between page and stream")
    with open_stream(timeline.newsroom.server, timeline.slug, after=page["cursor"]) as stream:
        timeline.publish("Live")
        events = stream.until(timeline.head)
    assert [event["entry"]["headline"] for event in events] == ["Between page and stream", "Live"]


def test_html_comes_beside_the_entry(timeline: Timeline) -> None:
    """`format=html` adds the page's HTML fragment to the same events."""
    entry = timeline.publish("A <headline>", body="Some *words*.")
    timeline.retract(timeline.publish("Unsaidword")["id"])
    with open_stream(timeline.newsroom.server, timeline.slug, after="0", format="html") as stream:
        events = stream.until(timeline.head)
    fragments = [event.pop("html", None) for event in events if event.get("entry")]
    assert [{k: v for k, v in event.items() if k != "html"} for event in events] == (
        timeline.journal()
    )
    assert all(isinstance(fragment, str) and fragment for fragment in fragments)
    assert "A &lt;headline&gt;" in fragments[0]
    assert "<em>words</em>" in fragments[0]
    assert "Unsaidword" not in "".join(fragments)
    page = timeline.newsroom.reader.get(f"/coverages/{timeline.slug}").text
    assert fragments[0] in page
    assert entry["id"] in fragments[0]


def test_two_streams_of_one_coverage_get_the_same(timeline: Timeline) -> None:
    """Streams of one coverage get the same events, whenever they were opened."""
    server, slug = timeline.newsroom.server, timeline.slug
    with open_stream(server, slug, after="0") as early:
        timeline.publish("One")
        with open_stream(server, slug, after="0") as late:
            timeline.publish("Two")
            head = timeline.head
            assert early.until(head) == late.until(head) == timeline.journal()


def test_a_stream_hears_its_own_coverage_only(newsroom: Newsroom, timeline: Timeline) -> None:
    """A stream has its own coverage's events only."""
    other = new_timeline(newsroom, new_slug())
    with open_stream(newsroom.server, timeline.slug) as stream:
        stream.frame()
        other.publish("Elsewhere")
        written = timeline.publish("Here")
        assert stream.event()["cursor"] == written["cursor"]


def test_a_stream_of_an_unknown_coverage_is_not_found(newsroom: Newsroom) -> None:
    """The stream of an unknown coverage is a 404, whatever the cursor."""
    for query in ("", "?after=0", "?after=garbage"):
        address = f"/v1/coverages/nobody-took-this/events{query}"
        check_problem(newsroom.reader.get(address, headers=STREAM), 404)


def test_the_streams_head(timeline: Timeline) -> None:
    """A stream's headers prevent caching and buffering."""
    with open_stream(timeline.newsroom.server, timeline.slug) as stream:
        headers = stream.response.headers
    assert headers["content-type"].partition(";")[0] == "text/event-stream"
    assert headers["cache-control"] == "no-cache"
    assert headers["x-accel-buffering"] == "no"
    assert "content-length" not in headers


def test_a_stream_beyond_capacity_is_asked_to_come_back(limited_newsroom: Newsroom) -> None:
    """Beyond the stream capacity a request is a 503 with a random `Retry-After`.

    The request succeeds again once a stream was closed.
    """
    timeline = new_timeline(limited_newsroom, "over-capacity")
    address = f"{timeline.path}/events"
    with open_stream(limited_newsroom.server, timeline.slug) as first:
        first.frame()
        with open_stream(limited_newsroom.server, timeline.slug) as second:
            second.frame()
            refused = [limited_newsroom.reader.get(address, headers=STREAM) for _ in range(12)]
        for answer in refused:
            check_problem(answer, 503)
        assert len({int(answer.headers["retry-after"]) for answer in refused}) > 1
        assert all(int(answer.headers["retry-after"]) > 0 for answer in refused)
        deadline = time.monotonic() + PATIENCE
        is_taken = False
        while not is_taken:  # until the server has noticed the end of the second stream
            assert time.monotonic() < deadline, "the closed stream still counts"
            with limited_newsroom.reader.stream("GET", address, headers=STREAM) as retried:
                is_taken = retried.status_code == 200
