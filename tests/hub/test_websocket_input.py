"""Parsing a WebSocket client's bytes; the client side is the websockets library."""

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

MAX_MESSAGE = 4096

_DATA = st.binary(max_size=200) | st.binary(min_size=1000, max_size=1300)  # three fit a message
_TEXTS = st.text(max_size=120).map(str.encode)
_MESSAGES = st.lists(
    st.one_of(
        st.tuples(st.just("text"), st.lists(_TEXTS, min_size=1, max_size=3)),
        st.tuples(st.just("binary"), st.lists(_DATA, min_size=1, max_size=3)),
        st.tuples(st.just("ping"), st.binary(max_size=125).map(lambda data: [data])),
        st.tuples(st.just("pong"), st.binary(max_size=125).map(lambda data: [data])),
    ),
    max_size=8,
)
compressed_or_not = pytest.mark.parametrize("compressed", [False, True], ids=["plain", "deflate"])


class Client:
    """A client after its handshake."""

    def __init__(self, *, compressed: bool) -> None:
        self.protocol = Protocol(Side.CLIENT, state=OPEN, max_size=None)
        if compressed:
            self.protocol.extensions = [PerMessageDeflate(True, True, WINDOW_BITS, WINDOW_BITS)]

    def encode_message(self, kind: str, parts: list[bytes]) -> bytes:
        """Encode a message in one fragment per part, or a control frame."""
        if kind in {"ping", "pong"}:
            getattr(self.protocol, f"send_{kind}")(parts[0])
        for index, part in enumerate(parts):
            is_last = index == len(parts) - 1
            if kind in {"text", "binary"} and index == 0:
                getattr(self.protocol, f"send_{kind}")(part, fin=is_last)
            elif kind in {"text", "binary"}:
                self.protocol.send_continuation(part, fin=is_last)
        return self.sent()

    def sent(self) -> bytes:
        """The bytes that it has to send."""
        return b"".join(self.protocol.data_to_send())

    def decode_answer(self, answer: bytes) -> list[Frame]:
        """Decode the frames of an answer."""
        self.protocol.receive_data(answer)
        assert self.protocol.parser_exc is None
        return [event for event in self.protocol.events_received() if isinstance(event, Frame)]


def parser(*, compressed: bool = False, protocol: Any = None) -> WebSocketInput:
    """A parser with the hub's limits."""
    return WebSocketInput(MAX_MESSAGE, WINDOW_BITS if compressed else None, protocol)


def comparable_frames(frames: list[Frame]) -> list[tuple[Opcode, bytes, bool]]:
    """The frames as comparable tuples."""
    return [(frame.opcode, bytes(frame.data), frame.fin) for frame in frames]


@compressed_or_not
@given(messages=_MESSAGES, cuts=st.lists(st.integers(1, 60), min_size=1, max_size=5))
def test_however_the_bytes_come_the_frames_are_the_same(compressed, messages, cuts):
    """The frames and answers do not depend on how the bytes are split."""
    client = Client(compressed=compressed)
    sent = b"".join(client.encode_message(kind, parts) for kind, parts in messages)
    whole, single, pieces = (parser(compressed=compressed) for _ in range(3))
    frames = comparable_frames(whole.receive(sent))
    assert frames == comparable_frames([f for byte in sent for f in single.receive(bytes([byte]))])
    piecewise: list[Frame] = []
    position = number = 0
    while position < len(sent):
        size = cuts[number % len(cuts)]
        piecewise += pieces.receive(sent[position : position + size])
        position, number = position + size, number + 1
    assert frames == comparable_frames(piecewise)
    sent_parts = [part for kind, parts in messages if kind in {"text", "binary"} for part in parts]
    assert [data for _, data, _ in frames] == sent_parts
    answer = whole.answer()
    assert answer == single.answer() == pieces.answer()
    pings = [parts[0] for kind, parts in messages if kind == "ping"]
    assert [bytes(frame.data) for frame in client.decode_answer(answer)] == pings
    assert not whole.is_over


@given(st.binary(max_size=300), st.booleans())
def test_garbage_is_answered_or_awaited(garbage: bytes, compressed: bool):
    """No input raises an error, and a connection that is over has a close frame to send."""
    websocket = parser(compressed=compressed)
    websocket.receive(garbage)
    websocket.receive(garbage)
    answer = websocket.answer()
    assert websocket.is_over <= bool(answer)


def masked(first: int, data: bytes, mask: bytes = b"\1\2\3\4") -> bytes:
    """A masked frame with that first byte."""
    length = (
        bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack("!H", len(data))
    )
    return bytes([first]) + length + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data))


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"\x81\x02hi", 1002),  # not masked
        (masked(0x91, b"hi"), 1002),  # a reserved bit
        (masked(0xC1, b"hi"), 1002),  # compressed, which was not negotiated
        (masked(0x83, b"hi"), 1002),  # an unknown opcode
        (masked(0x8B, b""), 1002),
        (masked(0x80, b"hi"), 1002),  # a continuation without a message
        (masked(0x01, b"h") + masked(0x81, b"i"), 1002),  # a message within a message
        (masked(0x09, b"hi"), 1002),  # a fragmented control frame
        (masked(0x89, b"x" * 126), 1002),  # a control frame that is too long
        (masked(0x81, b"\xff"), 1007),
        (masked(0x81, b"\xc3"), 1007),  # ends within a character
        (masked(0x01, b"\xc3") + masked(0x80, b"x"), 1007),
        (masked(0x01, b"\xed\xa0") + masked(0x80, b"\x80"), 1007),  # half a surrogate pair
        (masked(0x82, b"x" * (MAX_MESSAGE + 1)), 1009),
        (masked(0x02, b"x" * MAX_MESSAGE) + masked(0x80, b"x"), 1009),
        (masked(0x88, b"\3"), 1002),  # half a close code
        (masked(0x88, struct.pack("!H", 1005)), 1002),  # a code that must not be sent
        (masked(0x88, struct.pack("!H", 1000) + b"\xff"), 1007),
        (masked(0x88, struct.pack("!H", 1001) + b"bye"), 1001),
        (masked(0x88, struct.pack("!H", 4000)), 4000),
    ],
)
def test_what_is_against_the_rules_is_answered_as_rfc_6455_asks(sent: bytes, code: int):
    """A protocol violation is answered once with its close code, however the bytes are split."""
    for pieces in [sent], [bytes([byte]) for byte in sent]:
        websocket, client = parser(), Client(compressed=False)
        for piece in pieces:
            websocket.receive(piece)
        assert websocket.is_over
        (frame,) = client.decode_answer(websocket.answer())
        assert frame.opcode is Opcode.CLOSE
        assert Close.parse(frame.data).code == code


def test_a_close_without_a_code_is_answered_without_one():
    """RFC 6455, section 5.5.1: a close frame without a code is answered without one."""
    websocket = parser()
    websocket.receive(masked(0x88, b""))
    assert websocket.is_over
    assert websocket.answer() == b"\x88\x00"


@pytest.mark.parametrize("data", [b"", "ä€😀".encode(), "\x00￿".encode(), b"x" * MAX_MESSAGE])
def test_what_is_right_is_not_answered(data: bytes):
    """A client may send messages, whole or split within a character; they are not answered."""
    websocket = parser()
    assert [bytes(frame.data) for frame in websocket.receive(masked(0x81, data))] == [data]
    websocket.receive(masked(0x01, data[:1]) + masked(0x89, b"") + masked(0x80, data[1:]))
    assert not websocket.is_over
    assert websocket.answer() == masked(0x8A, b"")[:1] + b"\0"


@compressed_or_not
@given(data=st.data(), texts=st.lists(_TEXTS, min_size=2, max_size=4))
def test_a_client_that_began_before_the_takeover_is_read_on(compressed, data, texts):
    """A client whose bytes uvicorn has begun to parse is parsed on without loss or repetition."""
    sent = Client(compressed=compressed).encode_message("text", texts)
    protocol = Protocol(Side.SERVER, state=OPEN, max_size=MAX_MESSAGE)
    if compressed:
        protocol.extensions = [PerMessageDeflate(True, True, WINDOW_BITS, WINDOW_BITS)]
    cut = data.draw(st.integers(0, len(sent) - 1))
    protocol.receive_data(sent[:cut])
    before = [event for event in protocol.events_received() if isinstance(event, Frame)]
    websocket = parser(protocol=protocol)
    after = websocket.receive(sent[cut:])
    assert [bytes(frame.data) for frame in (*before, *after)] == texts
    assert not websocket.is_over
    websocket.receive(masked(0x89, b"still there?"))
    assert websocket.answer() == b"\x8a\x0cstill there?"
