"""The choice of a wire format and its encoder."""

import zlib
from itertools import product

import pytest

from app.formats.gzip_stream import GZIP_HEAD
from app.formats.public_json import PublicJson
from app.formats.wires import Wire, choose_wire, encoders
from app.timeline.cursor import Cursor
from tests.newsdesk import Newsdesk

ENCODERS = encoders(PublicJson(""), lambda _: "<p>")
CURSOR = Cursor("e1", 3)


def test_every_wire_is_chosen_by_something_that_a_client_may_ask_for():
    """Every wire format can be requested and has an encoder."""
    flags = (False, True)
    wires = {
        choose_wire("sse", form, compressed=compressed, framed=framed)
        for form, compressed, framed in product(("json", "html"), flags, flags)
    } | {
        choose_wire("websocket", compressed=compressed, framed=framed)
        for compressed, framed in product(flags, flags)
    }
    assert wires == set(Wire) == set(ENCODERS)


@pytest.mark.parametrize("framed", [False, True])
@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("form", ["json", "html"])
def test_a_wire_writes_what_was_asked_for(form, compressed: bool, framed: bool):
    """Each wire has gzip, HTTP/1.1 chunks and the page's HTML exactly if they are requested."""
    encoder = ENCODERS[choose_wire("sse", form, compressed=compressed, framed=framed)]
    messages = encoder.start(CURSOR, 3000), encoder.event(Newsdesk().act_all([]).journal[0])
    if framed:
        chunks = [message.split(b"\r\n", 1) for message in messages]
        assert all(content.endswith(b"\r\n") for _, content in chunks)
        assert [int(size, 16) for size, _ in chunks] == [len(content) - 2 for _, content in chunks]
        messages = chunks[0][1][:-2], chunks[1][1][:-2]
    start, event = messages
    assert start.startswith(GZIP_HEAD) == compressed
    if compressed:
        inflate = zlib.decompressobj(wbits=31).decompress
        start, event = inflate(start), inflate(event)
    assert start == b"retry: 3000\nid: e1-3\n\n"
    assert event.startswith(b"id: e1-1\ndata: {")
    assert (b'"html":"<p>"' in event) == (form == "html")


def test_a_websocket_that_the_server_frames_is_sent_plain_messages():
    """A WebSocket that the server frames gets plain messages even if compression was agreed."""
    plain = choose_wire("websocket")
    assert choose_wire("websocket", compressed=True) is plain
    assert ENCODERS[plain].start(CURSOR, 3000) == b'{"type":"hello","cursor":"e1-3"}'


def test_a_websocket_has_no_html():
    """The WebSocket wire has no HTML form."""
    with pytest.raises(ValueError, match="not a valid Wire"):
        choose_wire("websocket", "html")
