"""Law 3: SSE frames parse back with independent parsers, plain or compressed."""

import gzip
import json
import zlib
from collections.abc import Iterable

import httpx
import pytest
from httpx_sse import EventSource, ServerSentEvent
from hypothesis import given
from hypothesis import strategies as st

from app.formats.html import HtmlRenderer
from app.formats.public_json import PublicJson
from app.formats.sse import SseEncoder
from app.timeline.cursor import Cursor
from app.timeline.event import Event
from tests.newsdesk import Newsdesk
from tests.strategies import Action, cursors, wordy_actions

PUBLIC_JSON = PublicJson("https://news.example")
PLAIN, GZIP = SseEncoder(PUBLIC_JSON), SseEncoder(PUBLIC_JSON, compress=True)
RENDERER = HtmlRenderer()
HTML = SseEncoder(PUBLIC_JSON, render=RENDERER.event)
HISTORIES = st.lists(wordy_actions(), max_size=8)


def parse(frames: Iterable[bytes]) -> list[ServerSentEvent]:
    """Return what an EventSource parser makes of the joined frames."""
    answer = httpx.Response(
        200, headers={"Content-Type": "text/event-stream"}, content=b"".join(frames)
    )
    return [sse for sse in EventSource(answer).iter_sse() if sse.data]


def journal(history: list[Action]) -> list[Event]:
    """Return the events of a history of actions."""
    return Newsdesk().act_all(history).journal


@given(HISTORIES)
def test_each_event_is_one_message_of_the_default_type(history: list[Action]):
    """An event is one message: its id is the cursor and its data the event's JSON."""
    events = journal(history)
    messages = parse(PLAIN.event(event) for event in events)
    assert [message.event for message in messages] == ["message"] * len(events)
    assert [message.id for message in messages] == [str(event.cursor) for event in events]
    assert [json.loads(message.data) for message in messages] == [
        PUBLIC_JSON.event(e) for e in events
    ]


@given(HISTORIES)
def test_each_event_brings_the_pages_own_fragment_if_asked(history: list[Action]):
    """With a renderer, the JSON of an event also has its HTML as `html`."""
    events = journal(history)
    messages = [json.loads(message.data) for message in parse(HTML.event(e) for e in events)]
    assert [message.pop("html") for message in messages] == [
        RENDERER.event(event) for event in events
    ]
    assert messages == [PUBLIC_JSON.event(event) for event in events]


@given(HISTORIES, st.data())
def test_a_compressed_stream_is_readable_event_by_event(history: list[Action], data: st.DataObject):
    """Each compressed frame decodes completely on arrival, whatever frames preceded it."""
    events = journal(history)
    sent = data.draw(st.lists(st.sampled_from(events), max_size=12))
    decoder = zlib.decompressobj(16 + zlib.MAX_WBITS)
    start = Cursor("e1", 0)
    assert decoder.decompress(GZIP.start(start, 3000)) == PLAIN.start(start, 3000)
    for event in sent:
        assert decoder.decompress(GZIP.event(event)) == PLAIN.event(event)
        assert decoder.decompress(GZIP.heartbeat) == PLAIN.heartbeat
    assert decoder.decompress(GZIP.reset(start, "x")) == PLAIN.reset(start, "x")
    assert not decoder.eof
    assert decoder.unused_data == b""


@given(HISTORIES, st.integers(1, 40))
def test_a_compressed_stream_may_be_cut_anywhere(history: list[Action], size: int):
    """A client's gzip decoder reads the same events from chunks of any size."""
    events = journal(history)
    frames = [GZIP.start(Cursor("e1", 0), 3000), *(GZIP.event(event) for event in events)]
    stream = b"".join(frames)
    chunks = (stream[offset : offset + size] for offset in range(0, len(stream), size))
    answer = httpx.Response(
        200,
        headers={"Content-Type": "text/event-stream", "Content-Encoding": "gzip"},
        content=chunks,
    )
    messages = [sse for sse in EventSource(answer).iter_sse() if sse.data]
    assert [json.loads(message.data) for message in messages] == [
        PUBLIC_JSON.event(e) for e in events
    ]


@given(HISTORIES)
def test_a_compressed_frame_is_the_same_for_every_reader(history: list[Action]):
    """A compressed frame is self-contained, so that it is compressed once for all readers."""
    for event in journal(history):
        assert GZIP.event(event) == SseEncoder(PUBLIC_JSON, compress=True).event(event)


@given(cursors(), st.integers(2000, 5000))
def test_a_stream_starts_with_its_retry_and_its_cursor(cursor: Cursor, retry: int):
    """A stream starts with a block of retry time and id, which is not an event."""
    lines = PLAIN.start(cursor, retry).decode().split("\n")
    assert lines == [f"retry: {retry}", f"id: {cursor}", "", ""]
    assert parse([PLAIN.start(cursor, retry)]) == []


@given(cursors(), st.sampled_from(["unknown-cursor", "too-far-behind"]))
def test_a_reset_says_why_and_from_where_the_stream_goes_on(cursor: Cursor, reason: str):
    """A reset is an event of type `reset` with reason and cursor, and the cursor is its id."""
    (message,) = parse([PLAIN.reset(cursor, reason)])
    assert (message.event, message.id) == ("reset", str(cursor))
    assert json.loads(message.data) == {"reason": reason, "cursor": str(cursor)}


@pytest.mark.parametrize("wire", [PLAIN, HTML])
def test_a_heartbeat_is_a_comment(wire: SseEncoder):
    """A heartbeat is an SSE comment, which is not an event."""
    assert wire.heartbeat.startswith(b":")
    assert parse([wire.heartbeat]) == []


def test_a_stream_that_is_not_compressed_has_no_head():
    """The gzip header is at the start of a compressed stream only."""
    assert PLAIN.head == b""
    assert GZIP.start(Cursor("e1", 0), 3000).startswith(GZIP.head)
    assert not GZIP.event(journal([])[0]).startswith(b"\x1f\x8b")
    # The gzip module accepts the header and fails only because the stream has no end.
    with pytest.raises(EOFError):
        gzip.decompress(GZIP.start(Cursor("e1", 0), 3000))
