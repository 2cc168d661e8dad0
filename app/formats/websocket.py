"""WebSocket: encodes each journal event as one text frame, with the same JSON as the SSE data.

A message compressed with a fresh context refers to no earlier bytes, so the same bytes fit into
every client's connection, whether or not it keeps a context.

Source: RFC 6455, section 5; RFC 7692, section 7.2.
"""

import zlib
from enum import IntEnum

from websockets.frames import Close, Frame, Opcode

from app.formats.public_json import PublicJson, dump_json
from app.timeline.cursor import Cursor
from app.timeline.event import Event

WINDOW_BITS = 12  # of a compressed frame; negotiated with every client
_TAIL = b"\x00\x00\xff\xff"  # the end of each flush, which is not sent


class CloseCode(IntEnum):
    """Why a stream ends; RFC 6455 defines the codes below 4000, Dateline the others."""

    END = 1000  # the stream's lifetime is over
    POLICY = 1008  # the client sends too much, or is not permitted
    RESTART = 1012  # the process shuts down
    TRY_LATER = 1013  # over the limit, or the journal cannot be read
    UNKNOWN_COVERAGE = 4404
    TOO_SLOW = 4408
    WITHDRAWN_COVERAGE = 4410


class MessageEncoder:
    """Encodes text messages, to which the server adds the framing."""

    heartbeat = b""  # the server sends pings

    def __init__(self, public_json: PublicJson) -> None:
        self._public_json = public_json

    def start(self, cursor: Cursor, retry: int) -> bytes:  # noqa: ARG002  SSE's word
        """The first message: the cursor from which the stream continues."""
        return dump_json({"type": "hello", "cursor": str(cursor)})

    def event(self, event: Event) -> bytes:
        """A journal event."""
        return dump_json(self._public_json.event(event))

    def reset(self, cursor: Cursor, reason: str) -> bytes:
        """The message that a client cannot resume, so it must reload and continue from `cursor`."""
        return dump_json({"type": "reset", "reason": reason, "cursor": str(cursor)})

    def end(self, code: int, retry: int) -> bytes:  # noqa: ARG002  the server closes
        """Empty: the server sends the close code."""
        return b""


class FrameEncoder:
    """Encodes messages in frames, for connections to which the hub writes itself.

    Args:
        encoder: encodes the messages.
        compress: whether permessage-deflate was negotiated.
    """

    # An unsolicited pong needs no answer: ten thousand pings would cause as many pongs.
    heartbeat = Frame(Opcode.PONG, b"").serialize(mask=False)

    def __init__(self, encoder: MessageEncoder, *, compress: bool = False) -> None:
        self._encoder = encoder
        self._frame = frame_deflated if compress else frame_plain

    def start(self, cursor: Cursor, retry: int) -> bytes:
        """The first frame."""
        return self._frame(self._encoder.start(cursor, retry))

    def event(self, event: Event) -> bytes:
        """A journal event."""
        return self._frame(self._encoder.event(event))

    def reset(self, cursor: Cursor, reason: str) -> bytes:
        """The message that tells a client to reload the page."""
        return self._frame(self._encoder.reset(cursor, reason))

    def end(self, code: int, retry: int) -> bytes:  # noqa: ARG002  SSE's word
        """The close frame."""
        return Frame(Opcode.CLOSE, Close(code, "").serialize()).serialize(mask=False)


def frame_plain(message: bytes, opcode: Opcode = Opcode.TEXT) -> bytes:
    """Encode a message as one frame."""
    return Frame(opcode, message).serialize(mask=False)


def frame_deflated(message: bytes, opcode: Opcode = Opcode.TEXT) -> bytes:
    """Encode a message as one compressed frame."""
    compressor = zlib.compressobj(6, zlib.DEFLATED, -WINDOW_BITS)
    data = compressor.compress(message) + compressor.flush(zlib.Z_SYNC_FLUSH)
    frame = bytearray(Frame(opcode, data.removesuffix(_TAIL)).serialize(mask=False))
    frame[0] |= 0x40  # RSV1
    return bytes(frame)
