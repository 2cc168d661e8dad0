"""Tests of several coverages on one stream: each as on its own, and none ends another."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from httpx_sse import ServerSentEvent

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline, running_newsroom
from tests.contract.problem import check_problem
from tests.contract.streams import PATIENCE, Stream
from tests.contract.timeline import Timeline

_STREAM = {"Accept": "text/event-stream", "Accept-Encoding": "identity"}


@pytest.fixture
def timelines(newsroom: Newsroom) -> list[Timeline]:
    """Three coverages of one server."""
    return [new_timeline(newsroom, new_slug()) for _ in range(3)]


@contextmanager
def _open(timelines: list[Timeline], header: str | None = None, **query: Any) -> Iterator[Stream]:
    """Open one stream of these coverages."""
    params = {"coverage": [timeline.slug for timeline in timelines], **query}
    headers = _STREAM | ({} if header is None else {"Last-Event-ID": header})
    address = f"{timelines[0].newsroom.server.url}/v1/events"
    with (
        httpx.Client(timeout=PATIENCE) as client,
        client.stream("GET", address, params=params, headers=headers) as response,
    ):
        assert response.status_code == 200, response.read()
        yield Stream(response)


def _cursors(event_id: str) -> dict[str, str]:
    return dict(part.split(":") for part in event_id.split(","))


def _take(stream: Stream, count: int) -> list[ServerSentEvent]:
    """Return the next `count` event frames, whose ids must have the events' cursors."""
    frames = [stream.message() for _ in range(count)]
    for frame in frames:
        assert frame.event == "message", frame
        event = frame.json()
        assert _cursors(frame.id)[event["coverage"]] == event["cursor"]
    return frames


def _of(frames: list[ServerSentEvent], timeline: Timeline) -> list[dict[str, Any]]:
    return [e for e in (frame.json() for frame in frames) if e["coverage"] == timeline.slug]


def test_each_journal_comes_whole_and_in_order(timelines: list[Timeline]) -> None:
    """One stream has the history of every coverage and then its new events, in journal order."""
    for timeline in timelines:
        timeline.publish("Before")
    with _open(timelines, after="0") as stream:
        frames = _take(stream, 6)
        for number in range(3):
            for timeline in timelines:
                timeline.publish(f"Number {number}")
                frames += _take(stream, 1)
    for timeline in timelines:
        assert _of(frames, timeline) == timeline.journal()


def test_the_first_frame_names_where_each_goes_on(timelines: list[Timeline]) -> None:
    """The first frame has `retry`, a cursor for each coverage, and no data."""
    with _open(timelines) as stream:
        first = stream.frame()
    assert first.data == ""
    assert first.retry is not None
    assert 2000 <= first.retry <= 5000
    assert _cursors(first.id) == {timeline.slug: timeline.head for timeline in timelines}


def test_who_comes_back_with_the_last_id_misses_nothing(timelines: list[Timeline]) -> None:
    """A client that reconnects with the last id after each event gets every event once."""
    for number in range(3):
        for timeline in timelines:
            timeline.publish(f"Number {number}")
    frames: list[ServerSentEvent] = []
    while len(frames) < 12:
        header = frames[-1].id if frames else None
        with _open(timelines, header, after="0") as stream:
            frames += _take(stream, 1)
    for timeline in timelines:
        assert _of(frames, timeline) == timeline.journal()


def test_a_coverage_begins_where_its_own_cursor_says(timelines: list[Timeline]) -> None:
    """`after` has a cursor per coverage; `Last-Event-ID` takes precedence over it.

    A coverage that neither names begins at its head.
    """
    first, second, third = timelines
    cursors = {t.slug: [t.publish(f"{n}")["cursor"] for n in range(3)] for t in timelines}
    after = f"{first.slug}:{cursors[first.slug][0]},{second.slug}:{cursors[second.slug][0]}"
    header = f"{second.slug}:{cursors[second.slug][1]}"
    with _open(timelines, header, after=after) as stream:
        assert _cursors(stream.frame().id) == {
            first.slug: cursors[first.slug][0],
            second.slug: cursors[second.slug][1],
            third.slug: third.head,
        }
        frames = _take(stream, 3)
    assert [e["cursor"] for e in _of(frames, first)] == cursors[first.slug][1:]
    assert [e["cursor"] for e in _of(frames, second)] == cursors[second.slug][2:]


@pytest.mark.parametrize("cursor", ["garbage", "zzzz-1", "x" * 3000, "%00", "a\u00e9"])
def test_a_reset_names_its_coverage_and_the_others_go_on(
    timelines: list[Timeline], cursor: str
) -> None:
    """An invalid cursor resets its coverage only; the others are replayed.

    The coverage that was reset goes on from its head.
    """
    first, second, _ = timelines
    first.publish("Before")
    second.publish("Before")
    with _open(timelines, after=f"{first.slug}:{cursor},{second.slug}:0") as stream:
        reset = stream.message()
        assert reset.event == "reset"
        expected = {"coverage": first.slug, "reason": "unknown-cursor", "cursor": first.head}
        assert reset.json() == expected
        assert _of(_take(stream, 2), second) == second.journal()
        first.publish("After")
        assert _take(stream, 1)[0].json() == first.journal()[-1]


def test_who_is_too_far_behind_in_one_is_told_so(limited_newsroom: Newsroom) -> None:
    """A coverage beyond the replay limit is reset; the other one is replayed."""
    far, near = (new_timeline(limited_newsroom, new_slug()) for _ in range(2))
    for _ in range(6):
        far.publish("x")
    near.publish("x")
    with _open([far, near], after="0") as stream:
        reset = stream.message()
        expected = {"coverage": far.slug, "reason": "too-far-behind", "cursor": far.head}
        assert (reset.event, reset.json()) == ("reset", expected)
        assert _of(_take(stream, 2), near) == near.journal()


def test_a_retraction_takes_the_words_out_of_the_replay(timelines: list[Timeline]) -> None:
    """Events of a retracted entry are replayed with the tombstone, in both formats."""
    timeline = timelines[1]
    timeline.retract(timeline.publish("Unsaidword", body="Unsaidword")["id"])
    for form in ("json", "html"):
        with _open(timelines, after="0", format=form) as stream:
            frames = _take(stream, 5)
        assert "Unsaidword" not in "".join(frame.data for frame in frames)
        events = _of(frames, timeline)
        assert [event["type"] for event in events][1:] == ["entry.published", "entry.retracted"]
        assert all(("html" in event) == (form == "html") for event in events[1:])


def test_what_is_not_there_is_said_and_ends_nothing(
    newsroom: Newsroom, timelines: list[Timeline]
) -> None:
    """An unknown, planned or malformed slug is reported as `gone`; the stream goes on.

    If no coverage is found the response is a 404.
    """
    planned = {"slug": new_slug(), "title": "A plan", "status": "planned"}
    newsroom.chief.post("/v1/coverages", json=planned).raise_for_status()
    names = ["nobody-took-this", planned["slug"], "No slug,\n:at all"]
    slugs = [timelines[0].slug, *names]
    with newsroom.reader.stream(
        "GET", "/v1/events", params={"coverage": slugs}, headers=_STREAM
    ) as response:
        stream = Stream(response)
        assert list(_cursors(stream.frame().id)) == slugs[:1]
        frames = [stream.message() for _ in names]
        assert [(frame.event, frame.json()) for frame in frames] == [
            ("gone", {"coverage": name}) for name in names
        ]
        timelines[0].publish("After")
        assert _take(stream, 1)[0].json() == timelines[0].journal()[-1]
    for name in names:
        check_problem(newsroom.reader.get("/v1/events", params={"coverage": name}), 404)


def test_the_newsroom_follows_its_plans(newsroom: Newsroom, timelines: list[Timeline]) -> None:
    """A caller with a role in a planned coverage gets its opening."""
    planned = {"slug": new_slug(), "title": "A plan", "status": "planned"}
    path = f"/v1/coverages/{planned['slug']}"
    newsroom.chief.post("/v1/coverages", json=planned).raise_for_status()
    params = {"coverage": [timelines[0].slug, planned["slug"]]}
    with newsroom.chief.stream("GET", "/v1/events", params=params, headers=_STREAM) as response:
        stream = Stream(response)
        stream.frame()
        newsroom.chief.patch(path, json={"status": "live"}).raise_for_status()
        assert _take(stream, 1)[0].json()["type"] == "coverage.opened"


@pytest.mark.parametrize(
    "query", ["", "coverage=a&format=xml", "&".join(f"coverage=c{number}" for number in range(51))]
)
def test_a_wrong_question_is_refused(newsroom: Newsroom, query: str) -> None:
    """No coverage, more than fifty or an unknown format is a 422."""
    check_problem(newsroom.reader.get(f"/v1/events?{query}", headers=_STREAM), 422)


def test_a_coverage_that_is_named_twice_comes_once(timelines: list[Timeline]) -> None:
    """A coverage that is named twice sends each event once."""
    with _open([timelines[0], *timelines], after="0") as stream:
        frames = _take(stream, 3)
    assert len({frame.json()["coverage"] for frame in frames}) == 3


def test_its_head_is_a_streams(newsroom: Newsroom, timelines: list[Timeline]) -> None:
    """HEAD and GET have the headers of a stream: no caching, no buffering, any origin."""
    params = {"coverage": [timeline.slug for timeline in timelines]}
    headers = _STREAM | {"Origin": "https://elsewhere.example"}
    head = newsroom.reader.head("/v1/events", params=params, headers=headers)
    with newsroom.reader.stream("GET", "/v1/events", params=params, headers=headers) as response:
        for answer in (head, response):
            assert answer.status_code == 200
            assert answer.headers["content-type"].partition(";")[0] == "text/event-stream"
            assert answer.headers["cache-control"] == "no-cache"
            assert answer.headers["x-accel-buffering"] == "no"
            assert answer.headers["access-control-allow-origin"] == "*"


def test_it_is_compressed_as_it_goes(timelines: list[Timeline]) -> None:
    """With gzip each event can be decoded as soon as it is sent."""
    params = {"coverage": [timeline.slug for timeline in timelines]}
    address = f"{timelines[0].newsroom.server.url}/v1/events"
    headers = _STREAM | {"Accept-Encoding": "gzip"}
    with (
        httpx.Client(timeout=PATIENCE) as client,
        client.stream("GET", address, params=params, headers=headers) as response,
    ):
        assert response.headers["content-encoding"] == "gzip"
        stream = Stream(response)
        stream.frame()
        for timeline in timelines:
            timeline.publish("Now")
            assert _take(stream, 1)[0].json() == timeline.journal()[-1]


@pytest.mark.full("a server of its own")
def test_it_is_one_connection_that_beats_and_ends(tmp_path: Path) -> None:
    """The stream takes one slot; it sends heartbeats, and ends after its lifetime."""
    settings = {"heartbeat": "0.2", "stream_lifetime": "1", "stream_capacity": "1"}
    with running_newsroom(tmp_path, **settings) as newsroom:
        timelines = [new_timeline(newsroom, new_slug()) for _ in range(3)]
        with _open(timelines) as stream:
            lines = stream.response.iter_lines()
            assert next(lines).startswith("retry: ")
            problem = newsroom.reader.get(f"/v1/events?coverage={timelines[0].slug}")
            check_problem(problem, 503)
            assert int(problem.headers["retry-after"]) > 0
            rest = list(lines)
        assert ":" in rest
        assert rest[-2].startswith("retry: ")  # the stream ends with another retry time


@pytest.mark.full("a restart, which the stream of one coverage has in the ordinary run")
def test_after_a_power_cut_it_goes_on_exactly_there(tmp_path: Path) -> None:
    """After the server was killed, a client resumes every coverage without a gap."""
    with running_newsroom(tmp_path) as newsroom:
        timelines = [new_timeline(newsroom, new_slug()) for _ in range(3)]
        with _open(timelines, after="0") as stream:
            frames = _take(stream, 3)
            timelines[0].publish("Under way")
            newsroom.server.kill()
        newsroom.server.start()
        for timeline in timelines:
            timeline.publish("After it")
        with _open(timelines, frames[-1].id) as stream:
            frames += _take(stream, 4)
        for timeline in timelines:
            assert _of(frames, timeline) == timeline.journal()
