"""Promises of the texts that go over a WebSocket."""

import json

from hypothesis import given
from hypothesis import strategies as st

from app.formats.public_json import PublicJson
from app.formats.sse import SseEncoder
from app.formats.websocket import MessageEncoder
from app.timeline.cursor import Cursor
from tests.newsdesk import Newsdesk
from tests.strategies import Action, cursors, wordy_actions

FORM = PublicJson("https://news.example")
WIRE = MessageEncoder(FORM)


@given(st.lists(wordy_actions(), max_size=8))
def test_each_event_is_the_json_of_the_stream(deeds: list[Action]):
    """Byte for byte what stands behind `data:`, so a client needs one reader for both."""
    for event in Newsdesk().act_all(deeds).journal:
        frame = WIRE.event(event)
        assert json.loads(frame.decode("utf-8", "strict")) == FORM.event(event)
        assert b"data: " + frame + b"\n\n" in SseEncoder(FORM).event(event)


@given(cursors())
def test_the_first_frame_says_from_where_it_goes_on(cursor: Cursor):
    """It is told from an event by its type."""
    assert json.loads(WIRE.start(cursor, 3000)) == {"type": "hello", "cursor": str(cursor)}


@given(cursors())
def test_a_reset_says_why_and_from_where_the_stream_goes_on(cursor: Cursor):
    """The client loads the page anew."""
    assert json.loads(WIRE.reset(cursor, "too-far-behind")) == {
        "type": "reset",
        "reason": "too-far-behind",
        "cursor": str(cursor),
    }


def test_there_is_no_frame_for_a_heartbeat():
    """The protocol has pings of its own."""
    assert WIRE.heartbeat == b""
