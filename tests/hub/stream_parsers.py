"""Parsers of a stream's bytes, fed in pieces; none of them uses the application's code."""

import json
from typing import Any

from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Close, Frame, Opcode
from websockets.protocol import OPEN, Protocol, Side

from app.formats.websocket import WINDOW_BITS

Json = dict[str, Any]


class StreamParser:
    """What a client received: events, reset reasons, heartbeats, and whether it is complete.

    `retry` is the last reconnection time in ms, `code` a WebSocket's close code, `start` the first
    cursor.
    """

    def __init__(self) -> None:
        self.events: list[Json] = []
        self.resets: list[str] = []
        self.heartbeats = 0
        self.retry: int | None = None
        self.code: int | None = None
        self.start: str | None = None
        self.is_complete = False

    def feed(self, data: bytes) -> None:
        """Parse the next bytes."""
        raise NotImplementedError

    @property
    def seqs(self) -> list[int]:
        """The seqs of the events."""
        return [event["seq"] for event in self.events]


class SseParser(StreamParser):
    """Parses `text/event-stream`, which is complete whenever no event is half received."""

    def __init__(self) -> None:
        super().__init__()
        self._incomplete = b""

    def feed(self, data: bytes) -> None:
        """Parse the next bytes."""
        *blocks, self._incomplete = (self._incomplete + data).split(b"\n\n")
        for block in blocks:
            self._parse_block(block.decode())
        self.is_complete = not self._incomplete

    def _parse_block(self, block: str) -> None:
        if block == ":":
            self.heartbeats += 1
            return
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        assert fields.keys() <= {"id", "data", "retry", "event"}, block
        if "retry" in fields:
            self.retry = int(fields["retry"])
        if self.start is None:
            self.start = fields["id"]
        if fields.get("event") == "reset":
            self.resets.append(json.loads(fields["data"])["reason"])
        elif "data" in fields:
            self.events.append(json.loads(fields["data"]))


class ChunkedSseParser(SseParser):
    """Parses `text/event-stream` in chunked transfer coding; the last chunk completes it."""

    def __init__(self) -> None:
        super().__init__()
        self._undecoded = b""
        self._is_ended = False

    def feed(self, data: bytes) -> None:
        """Parse the next bytes."""
        self._undecoded += data
        while b"\r\n" in self._undecoded:
            assert not self._is_ended, "bytes after the last chunk"
            line, _, rest = self._undecoded.partition(b"\r\n")
            size = int(line, 16)
            if len(rest) < size + 2:
                return
            assert rest[size : size + 2] == b"\r\n"
            self._undecoded = rest[size + 2 :]
            super().feed(rest[:size])
            self._is_ended = size == 0
        self.is_complete = self._is_ended and not self._undecoded


class WebSocketParser(StreamParser):
    """Parses WebSocket frames; `protocol` holds what the client has to send in return."""

    def __init__(self, *, compressed: bool = False) -> None:
        super().__init__()
        self.protocol = Protocol(Side.CLIENT, state=OPEN, max_size=None)
        if compressed:
            self.protocol.extensions = [PerMessageDeflate(True, True, WINDOW_BITS, WINDOW_BITS)]
        self.pongs: list[bytes] = []

    def feed(self, data: bytes) -> None:
        """Parse the next bytes."""
        self.protocol.receive_data(data)
        if self.protocol.parser_exc is not None and not self.protocol.eof_sent:
            raise self.protocol.parser_exc
        for frame in self.protocol.events_received():
            assert isinstance(frame, Frame)
            self._parse_frame(frame)

    def _parse_frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.PONG:
            self.pongs.append(bytes(frame.data))
            self.heartbeats += not frame.data
        elif frame.opcode is Opcode.CLOSE:
            self.code, self.is_complete = Close.parse(frame.data).code, True
        else:
            self._parse_message(json.loads(bytes(frame.data)))

    def _parse_message(self, message: Json) -> None:
        if message["type"] == "hello":
            self.start = message["cursor"]
        elif message["type"] == "reset":
            self.resets.append(message["reason"])
        else:
            self.events.append(message)
