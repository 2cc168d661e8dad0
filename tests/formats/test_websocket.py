"""The text messages of the WebSocket wire."""

import json

from hypothesis import given
from hypothesis import strategies as st

from app.formats.public_json import PublicJson
from app.formats.sse import SseEncoder
from app.formats.websocket import MessageEncoder
from app.timeline.cursor import Cursor
from tests.newsdesk import Newsdesk
from tests.strategies import Action, cursors, wordy_actions

PUBLIC_JSON = PublicJson("https://news.example")
ENCODER = MessageEncoder(PUBLIC_JSON)


@given(st.lists(wordy_actions(), max_size=8))
def test_each_event_is_the_json_of_the_stream(history: list[Action]):
    """A message is byte for byte the `data` of the SSE event, so that clients share a parser."""
    for event in Newsdesk().act_all(history).journal:
        frame = ENCODER.event(event)
        assert json.loads(frame.decode("utf-8", "strict")) == PUBLIC_JSON.event(event)
        assert b"data: " + frame + b"\n\n" in SseEncoder(PUBLIC_JSON).event(event)


@given(cursors())
def test_the_first_frame_says_from_where_it_goes_on(cursor: Cursor):
    """The first message has the type `hello` and the cursor of the stream."""
    assert json.loads(ENCODER.start(cursor, 3000)) == {"type": "hello", "cursor": str(cursor)}


@given(cursors())
def test_a_reset_says_why_and_from_where_the_stream_goes_on(cursor: Cursor):
    """A reset has its reason and the cursor from which the stream continues."""
    assert json.loads(ENCODER.reset(cursor, "too-far-behind")) == {
        "type": "reset",
        "reason": "too-far-behind",
        "cursor": str(cursor),
    }


def test_there_is_no_frame_for_a_heartbeat():
    """There is no heartbeat message, because WebSocket has pings."""
    assert ENCODER.heartbeat == b""
