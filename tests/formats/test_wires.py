"""Promises of the choice of a wire format."""

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
    """No format is out of reach, and each has an encoder."""
    flags = (False, True)
    chosen = {
        choose_wire("sse", form, compressed=compressed, framed=framed)
        for form, compressed, framed in product(("json", "html"), flags, flags)
    } | {
        choose_wire("websocket", compressed=compressed, framed=framed)
        for compressed, framed in product(flags, flags)
    }
    assert chosen == set(Wire) == set(ENCODERS)


@pytest.mark.parametrize("framed", [False, True])
@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("form", ["json", "html"])
def test_a_wire_writes_what_was_asked_for(form, compressed: bool, framed: bool):
    """HTML beside the JSON, gzip, and the chunks of HTTP/1.1 come with their own wires alone."""
    encoder = ENCODERS[choose_wire("sse", form, compressed=compressed, framed=framed)]
    start = encoder.start(CURSOR, 3000)
    assert (GZIP_HEAD in start) == compressed
    assert start.endswith(b"\r\n") == framed
    event = encoder.event(Newsdesk().act_all([]).journal[0])
    assert (b'"html"' in event) == (form == "html" and not compressed)


def test_a_websocket_that_the_server_frames_is_sent_plain_messages():
    """The server compresses them, whatever was agreed on."""
    plain = choose_wire("websocket")
    assert choose_wire("websocket", compressed=True) is plain
    assert ENCODERS[plain].start(CURSOR, 3000) == b'{"type":"hello","cursor":"e1-3"}'


def test_a_websocket_has_no_html():
    """Nothing is chosen for what the contract does not have."""
    with pytest.raises(ValueError, match="not a valid Wire"):
        choose_wire("websocket", "html")
