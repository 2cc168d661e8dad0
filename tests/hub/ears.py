"""What readers make of a stream's bytes, piece by piece, each by a parser that is not the app's."""

import json
from typing import Any

from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Close, Frame, Opcode
from websockets.protocol import OPEN, Protocol, Side

from app.formats.websocket import WINDOW_BITS

Json = dict[str, Any]


class Ear:
    """What was heard: events, the reasons of resets, heartbeats, and whether it was a whole stream.

    `retry` is the last that was told, `code` a WebSocket's close code, `start` the first cursor.
    """

    def __init__(self) -> None:
        self.events: list[Json] = []
        self.resets: list[str] = []
        self.heartbeats = 0
        self.retry: int | None = None
        self.code: int | None = None
        self.start: str | None = None
        self.is_whole = False

    def hear(self, data: bytes) -> None:
        """Take in some bytes."""
        raise NotImplementedError

    @property
    def seqs(self) -> list[int]:
        """Of the events."""
        return [event["seq"] for event in self.events]


class SseEar(Ear):
    """Reads `text/event-stream`; its end is the end of the connection."""

    def __init__(self) -> None:
        super().__init__()
        self._rest = b""

    def hear(self, data: bytes) -> None:
        """Take in some bytes."""
        *blocks, self._rest = (self._rest + data).split(b"\n\n")
        for block in blocks:
            self._take(block.decode())
        self.is_whole = not self._rest

    def _take(self, block: str) -> None:
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


class ChunkedEar(SseEar):
    """The same in chunks; whole once the last one has come."""

    def __init__(self) -> None:
        super().__init__()
        self._bytes = b""
        self._is_over = False

    def hear(self, data: bytes) -> None:
        """Take in some bytes."""
        self._bytes += data
        while b"\r\n" in self._bytes:
            assert not self._is_over, "bytes behind the last chunk"
            line, _, rest = self._bytes.partition(b"\r\n")
            size = int(line, 16)
            if len(rest) < size + 2:
                return
            assert rest[size : size + 2] == b"\r\n"
            self._bytes = rest[size + 2 :]
            super().hear(rest[:size])
            self._is_over = size == 0
        self.is_whole = self._is_over and not self._bytes


class SocketEar(Ear):
    """Reads WebSocket frames; `answer` is what its client has to send for them."""

    def __init__(self, *, compressed: bool = False) -> None:
        super().__init__()
        self.protocol = Protocol(Side.CLIENT, state=OPEN, max_size=None)
        if compressed:
            self.protocol.extensions = [PerMessageDeflate(True, True, WINDOW_BITS, WINDOW_BITS)]
        self.pongs: list[bytes] = []

    def hear(self, data: bytes) -> None:
        """Take in some bytes."""
        self.protocol.receive_data(data)
        if self.protocol.parser_exc is not None and not self.protocol.eof_sent:
            raise self.protocol.parser_exc
        for frame in self.protocol.events_received():
            assert isinstance(frame, Frame)
            self._take(frame)

    def _take(self, frame: Frame) -> None:
        if frame.opcode is Opcode.PONG:
            self.pongs.append(bytes(frame.data))
            self.heartbeats += not frame.data
        elif frame.opcode is Opcode.CLOSE:
            self.code, self.is_whole = Close.parse(frame.data).code, True
        else:
            self._message(json.loads(bytes(frame.data)))

    def _message(self, message: Json) -> None:
        if message["type"] == "hello":
            self.start = message["cursor"]
        elif message["type"] == "reset":
            self.resets.append(message["reason"])
        else:
            self.events.append(message)
