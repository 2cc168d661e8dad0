"""Law 3: what is framed parses back with parsers that are not ours, plain or compressed."""

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

FORM = PublicJson("https://news.example")
PLAIN, GZIP = SseEncoder(FORM), SseEncoder(FORM, compress=True)
LOOK = HtmlRenderer()
HTML = SseEncoder(FORM, render=LOOK.event)
DEEDS = st.lists(wordy_actions(), max_size=8)


def parse(frames: Iterable[bytes]) -> list[ServerSentEvent]:
    """What an EventSource makes of the bytes, however they were cut into chunks."""
    answer = httpx.Response(
        200, headers={"Content-Type": "text/event-stream"}, content=b"".join(frames)
    )
    return [sse for sse in EventSource(answer).iter_sse() if sse.data]


def journal(deeds: list[Action]) -> list[Event]:
    """The events of some actions."""
    return Newsdesk().act_all(deeds).journal


@given(DEEDS)
def test_each_event_is_one_message_of_the_default_type(deeds: list[Action]):
    """Its id is the cursor, its data the event as JSON, whatever the strings hold."""
    events = journal(deeds)
    heard = parse(PLAIN.event(event) for event in events)
    assert [message.event for message in heard] == ["message"] * len(events)
    assert [message.id for message in heard] == [str(event.cursor) for event in events]
    assert [json.loads(message.data) for message in heard] == [FORM.event(e) for e in events]


@given(DEEDS)
def test_each_event_brings_the_pages_own_fragment_if_asked(deeds: list[Action]):
    """The same events, with `html` beside them."""
    events = journal(deeds)
    heard = [json.loads(message.data) for message in parse(HTML.event(e) for e in events)]
    assert [event.pop("html") for event in heard] == [LOOK.event(event) for event in events]
    assert heard == [FORM.event(event) for event in events]


@given(DEEDS, st.data())
def test_a_compressed_stream_is_readable_event_by_event(deeds: list[Action], data: st.DataObject):
    """Each frame decodes wholly as it comes, after whatever frames went before it."""
    events = journal(deeds)
    chosen = data.draw(st.lists(st.sampled_from(events), max_size=12))
    decoder = zlib.decompressobj(16 + zlib.MAX_WBITS)
    start = Cursor("e1", 0)
    assert decoder.decompress(GZIP.start(start, 3000)) == PLAIN.start(start, 3000)
    for event in chosen:
        assert decoder.decompress(GZIP.event(event)) == PLAIN.event(event)
        assert decoder.decompress(GZIP.heartbeat) == PLAIN.heartbeat
    assert decoder.decompress(GZIP.reset(start, "x")) == PLAIN.reset(start, "x")
    assert not decoder.eof
    assert decoder.unused_data == b""


@given(DEEDS, st.integers(1, 40))
def test_a_compressed_stream_may_be_cut_anywhere(deeds: list[Action], size: int):
    """A client's own gzip decoder gets the same bytes from chunks of any size."""
    events = journal(deeds)
    frames = [GZIP.start(Cursor("e1", 0), 3000), *(GZIP.event(event) for event in events)]
    stream = b"".join(frames)
    chunks = (stream[place : place + size] for place in range(0, len(stream), size))
    answer = httpx.Response(
        200,
        headers={"Content-Type": "text/event-stream", "Content-Encoding": "gzip"},
        content=chunks,
    )
    heard = [sse for sse in EventSource(answer).iter_sse() if sse.data]
    assert [json.loads(message.data) for message in heard] == [FORM.event(e) for e in events]


@given(DEEDS)
def test_a_compressed_frame_is_the_same_for_every_reader(deeds: list[Action]):
    """It refers to nothing before it, so it is compressed once."""
    for event in journal(deeds):
        assert GZIP.event(event) == SseEncoder(FORM, compress=True).event(event)


@given(cursors(), st.integers(2000, 5000))
def test_a_stream_starts_with_its_retry_and_its_cursor(cursor: Cursor, retry: int):
    """The block has an id and no data, so that no event is heard and the id is kept."""
    lines = PLAIN.start(cursor, retry).decode().split("\n")
    assert lines == [f"retry: {retry}", f"id: {cursor}", "", ""]
    assert parse([PLAIN.start(cursor, retry)]) == []


@given(cursors(), st.sampled_from(["unknown-cursor", "too-far-behind"]))
def test_a_reset_says_why_and_from_where_the_stream_goes_on(cursor: Cursor, reason: str):
    """It is no journal event, so it has a type of its own, and its id is the new place."""
    (message,) = parse([PLAIN.reset(cursor, reason)])
    assert (message.event, message.id) == ("reset", str(cursor))
    assert json.loads(message.data) == {"reason": reason, "cursor": str(cursor)}


@pytest.mark.parametrize("wire", [PLAIN, HTML])
def test_a_heartbeat_is_a_comment(wire: SseEncoder):
    """No client hears it."""
    assert wire.heartbeat.startswith(b":")
    assert parse([wire.heartbeat]) == []


def test_a_stream_that_is_not_compressed_has_no_head():
    """The gzip head belongs to the start of the stream, once."""
    assert PLAIN.head == b""
    assert GZIP.start(Cursor("e1", 0), 3000).startswith(GZIP.head)
    assert not GZIP.event(journal([])[0]).startswith(b"\x1f\x8b")
    # gzip's own reader takes the head for its own, and finds all there was before the cut.
    with pytest.raises(EOFError):
        gzip.decompress(GZIP.start(Cursor("e1", 0), 3000))
