"""Promises of what is made of a WebSocket client's bytes; the sender is the websockets library."""

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Close, Frame, Opcode
from websockets.protocol import OPEN, Protocol, Side

from app.formats.websocket import WINDOW_BITS
from app.hub.websocket_input import WebSocketInput

LARGEST = 4096

_DATA = st.binary(max_size=200) | st.binary(min_size=1000, max_size=1300)  # three fit a message
_TEXTS = st.text(max_size=120).map(str.encode)
_DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("text"), st.lists(_TEXTS, min_size=1, max_size=3)),
        st.tuples(st.just("binary"), st.lists(_DATA, min_size=1, max_size=3)),
        st.tuples(st.just("ping"), st.binary(max_size=125).map(lambda data: [data])),
        st.tuples(st.just("pong"), st.binary(max_size=125).map(lambda data: [data])),
    ),
    max_size=8,
)
compressed_or_not = pytest.mark.parametrize("compressed", [False, True], ids=["plain", "deflate"])


class Speaker:
    """A client behind its handshake."""

    def __init__(self, *, compressed: bool) -> None:
        self.protocol = Protocol(Side.CLIENT, state=OPEN, max_size=None)
        if compressed:
            self.protocol.extensions = [PerMessageDeflate(True, True, WINDOW_BITS, WINDOW_BITS)]

    def say(self, kind: str, parts: list[bytes]) -> bytes:
        """A message in as many fragments as there are parts, or a control frame."""
        if kind in {"ping", "pong"}:
            getattr(self.protocol, f"send_{kind}")(parts[0])
        for place, part in enumerate(parts):
            last = place == len(parts) - 1
            if kind in {"text", "binary"} and place == 0:
                getattr(self.protocol, f"send_{kind}")(part, fin=last)
            elif kind in {"text", "binary"}:
                self.protocol.send_continuation(part, fin=last)
        return self.sent()

    def sent(self) -> bytes:
        """What it has to send."""
        return b"".join(self.protocol.data_to_send())

    def hear(self, answer: bytes) -> list[Frame]:
        """The frames of an answer."""
        self.protocol.receive_data(answer)
        assert self.protocol.parser_exc is None
        return [event for event in self.protocol.events_received() if isinstance(event, Frame)]


def parser(*, compressed: bool = False, begun: Any = None) -> WebSocketInput:
    """A parser with the limits of the hub."""
    return WebSocketInput(LARGEST, WINDOW_BITS if compressed else None, begun)


def parts_of(frames: list[Frame]) -> list[tuple[Opcode, bytes, bool]]:
    """Frames that can be compared."""
    return [(frame.opcode, bytes(frame.data), frame.fin) for frame in frames]


@compressed_or_not
@given(deeds=_DEEDS, cuts=st.lists(st.integers(1, 60), min_size=1, max_size=5))
def test_however_the_bytes_come_the_frames_are_the_same(compressed, deeds, cuts):
    """All at once, one by one or in any pieces; so are the answers."""
    speaker = Speaker(compressed=compressed)
    sent = b"".join(speaker.say(kind, parts) for kind, parts in deeds)
    whole, single, pieces = (parser(compressed=compressed) for _ in range(3))
    frames = parts_of(whole.receive(sent))
    assert frames == parts_of([f for byte in sent for f in single.receive(bytes([byte]))])
    found: list[Frame] = []
    place = number = 0
    while place < len(sent):
        size = cuts[number % len(cuts)]
        found += pieces.receive(sent[place : place + size])
        place, number = place + size, number + 1
    assert frames == parts_of(found)
    said = [part for kind, parts in deeds if kind in {"text", "binary"} for part in parts]
    assert [data for _, data, _ in frames] == said
    answer = whole.answer()
    assert answer == single.answer() == pieces.answer()
    pings = [parts[0] for kind, parts in deeds if kind == "ping"]
    assert [bytes(frame.data) for frame in speaker.hear(answer)] == pings
    assert not whole.is_over


@given(st.binary(max_size=300), st.booleans())
def test_garbage_is_answered_or_awaited(garbage: bytes, compressed: bool):
    """Whatever comes, it fails nowhere; what is over has a close frame."""
    ear = parser(compressed=compressed)
    ear.receive(garbage)
    ear.receive(garbage)
    answer = ear.answer()
    assert ear.is_over <= bool(answer)


def masked(first: int, data: bytes, mask: bytes = b"\1\2\3\4") -> bytes:
    """A frame by hand, with that first byte."""
    length = (
        bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack("!H", len(data))
    )
    return bytes([first]) + length + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data))


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"\x81\x02hi", 1002),  # not masked
        (masked(0x91, b"hi"), 1002),  # a reserved bit
        (masked(0xC1, b"hi"), 1002),  # compressed, which was not agreed on
        (masked(0x83, b"hi"), 1002),  # an opcode that means nothing
        (masked(0x8B, b""), 1002),
        (masked(0x80, b"hi"), 1002),  # a continuation of nothing
        (masked(0x01, b"h") + masked(0x81, b"i"), 1002),  # a message within a message
        (masked(0x09, b"hi"), 1002),  # a control frame in fragments
        (masked(0x89, b"x" * 126), 1002),  # and one that is too long
        (masked(0x81, b"\xff"), 1007),
        (masked(0x81, b"\xc3"), 1007),  # ends within a letter
        (masked(0x01, b"\xc3") + masked(0x80, b"x"), 1007),
        (masked(0x01, b"\xed\xa0") + masked(0x80, b"\x80"), 1007),  # half a surrogate pair
        (masked(0x82, b"x" * (LARGEST + 1)), 1009),
        (masked(0x02, b"x" * LARGEST) + masked(0x80, b"x"), 1009),
        (masked(0x88, b"\3"), 1002),  # half a close code
        (masked(0x88, struct.pack("!H", 1005)), 1002),  # one that is never sent
        (masked(0x88, struct.pack("!H", 1000) + b"\xff"), 1007),
        (masked(0x88, struct.pack("!H", 1001) + b"bye"), 1001),
        (masked(0x88, struct.pack("!H", 4000)), 4000),
    ],
)
def test_what_is_against_the_rules_is_answered_as_rfc_6455_asks(sent: bytes, code: int):
    """With that code, once; whether it comes at once or byte by byte."""
    for pieces in [sent], [bytes([byte]) for byte in sent]:
        ear, speaker = parser(), Speaker(compressed=False)
        for piece in pieces:
            ear.receive(piece)
        assert ear.is_over
        (frame,) = speaker.hear(ear.answer())
        assert frame.opcode is Opcode.CLOSE
        assert Close.parse(frame.data).code == code


def test_a_close_without_a_code_is_answered_without_one():
    """RFC 6455, section 5.5.1."""
    ear = parser()
    ear.receive(masked(0x88, b""))
    assert ear.is_over
    assert ear.answer() == b"\x88\x00"


@pytest.mark.parametrize("data", [b"", "ä€😀".encode(), "\x00￿".encode(), b"x" * LARGEST])
def test_what_is_right_is_not_answered(data: bytes):
    """A reader has nothing to say, and may say it, in one piece or split within a letter."""
    ear = parser()
    assert [bytes(frame.data) for frame in ear.receive(masked(0x81, data))] == [data]
    ear.receive(masked(0x01, data[:1]) + masked(0x89, b"") + masked(0x80, data[1:]))
    assert not ear.is_over
    assert ear.answer() == masked(0x8A, b"")[:1] + b"\0"


@compressed_or_not
@given(data=st.data(), texts=st.lists(_TEXTS, min_size=2, max_size=4))
def test_a_client_that_began_before_the_takeover_is_read_on(compressed, data, texts):
    """From the middle of a frame or of a message, nothing twice and nothing lost."""
    sent = Speaker(compressed=compressed).say("text", texts)
    begun = Protocol(Side.SERVER, state=OPEN, max_size=LARGEST)
    if compressed:
        begun.extensions = [PerMessageDeflate(True, True, WINDOW_BITS, WINDOW_BITS)]
    cut = data.draw(st.integers(0, len(sent) - 1))
    begun.receive_data(sent[:cut])
    before = [event for event in begun.events_received() if isinstance(event, Frame)]
    ear = parser(begun=begun)
    after = ear.receive(sent[cut:])
    assert [bytes(frame.data) for frame in (*before, *after)] == texts
    assert not ear.is_over
    ear.receive(masked(0x89, b"still there?"))
    assert ear.answer() == b"\x8a\x0cstill there?"
