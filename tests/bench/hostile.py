"""A server that fails as a broken one would; the path of a request selects how."""

import asyncio
import re
import struct
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from itertools import count

ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def chunk(data: bytes) -> bytes:
    """Encode an HTTP/1.1 chunk with an unrequested extension."""
    return b"%x;x=1f\r\n%s\r\n" % (len(data), data)


def frame(opcode: int, data: bytes, *, last: bool = True, deflated: bool = False) -> bytes:
    """Encode a WebSocket frame of a server."""
    first = 0x80 * last | 0x40 * deflated | opcode
    if len(data) < 126:
        return bytes([first, len(data)]) + data
    return bytes([first, 126]) + struct.pack(">H", len(data)) + data


def deflate(data: bytes) -> bytes:
    """Compress a message for permessage-deflate without context takeover."""
    compressor = zlib.compressobj(wbits=-15)
    return (compressor.compress(data) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]


class Reader:
    """A subscriber, and how it is treated."""

    def __init__(self, behaviour: str, index: int, writer: asyncio.StreamWriter) -> None:
        self.behaviour, self.index, self.writer = behaviour, index, writer
        self.gzip = zlib.compressobj(wbits=31)
        self.previous = b""

    def head(self) -> bytes:
        """Return the response's head."""
        if self.behaviour.startswith("ws"):
            deflated = (
                "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n"
            )
            return (
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"{deflated if self.behaviour == 'ws-deflate' else ''}"
                f"Sec-WebSocket-Accept: {ACCEPT}\r\n"
                "\r\n"
            ).encode()
        coding = "Content-Encoding: gzip\r\n" if self.behaviour == "gzip" else ""
        framing = "" if self.behaviour == "bytes" else "transfer-encoding:  Chunked\r\n"
        return (
            f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n{coding}{framing}\r\n".encode()
        )

    async def dribble(self, data: bytes, piece_size: int) -> None:
        """Send in pieces of at most that many bytes."""
        for start in range(0, len(data), piece_size):
            self.writer.write(data[start : start + piece_size])
            await self.writer.drain()
            await asyncio.sleep(0)

    async def send(self, number: int, body: bytes) -> None:
        """Send a message in this reader's way."""
        event = b"id: e-%d\ndata: %s\n\n" % (number, body)
        behaviours: dict[str, Callable[[], Awaitable[None]]] = {
            "bytes": lambda: self.dribble(event, 1),
            "chunks": lambda: self.dribble(b"".join(chunk(bytes([b])) for b in event), 3),
            "gzip": lambda: self.dribble(chunk(self._compress(event)), 7),
            "ws-frames": lambda: self.dribble(
                frame(1, body[:50], last=False) + frame(9, b"ping") + frame(0, body[50:]), 5
            ),
            "ws-deflate": lambda: self.dribble(frame(1, deflate(body), deflated=True), 9),
            "doubles": lambda: self.dribble(chunk(event) * 2, 4096),
            "drops": lambda: self.dribble(chunk(event) if number % 10 else b"", 4096),
            "reorders": lambda: self._swap(number, event),
            "strange": lambda: self.dribble(chunk(b": @n=999999@@t=1@ @n=@@t=x@\n\n" + event), 99),
            "hangs-up": lambda: self._hang_up(number, event),
        }
        with suppress(ConnectionError):
            await behaviours[self.behaviour]()

    def _compress(self, event: bytes) -> bytes:
        return self.gzip.compress(event) + self.gzip.flush(zlib.Z_FULL_FLUSH)

    async def _swap(self, number: int, event: bytes) -> None:
        if number % 2:
            self.previous = event
        else:
            self.writer.write(chunk(event) + chunk(self.previous))

    async def _hang_up(self, number: int, event: bytes) -> None:
        if self.index % 2 and number == 5:
            # Without its empty line it is no event, so that the client must request it again on
            # reconnecting.
            self.writer.write(chunk(event[:-1]) + b"0\r\n\r\n")
            self.writer.close()
        elif not self.writer.is_closing():
            self.writer.write(chunk(event))


class HostileServer:
    """All readers and published messages; replays to a client that sends a cursor."""

    def __init__(self) -> None:
        self.readers: list[Reader] = []
        self.published: list[bytes] = []
        self.indexes = count()
        self.port = 0

    async def serve(self, incoming: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await incoming.readuntil(b"\r\n\r\n")).decode()
                if head.startswith("GET"):
                    await self._subscribe(head, incoming, writer)
                    break
                size = re.search(r"(?i)content-length: (\d+)", head)
                assert size
                await self._publish(await incoming.readexactly(int(size[1])))
                writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok")
        writer.close()

    async def _subscribe(
        self, head: str, incoming: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        behaviour = head.split(" ")[1].lstrip("/").split("?")[0]
        if behaviour == "refuses":
            writer.write(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
            return
        last_event_id = re.search(r"Last-Event-ID: e-(\d+)", head)
        reader = Reader(behaviour, 0 if last_event_id else next(self.indexes), writer)
        await reader.dribble(reader.head(), 9)
        for number in range(
            int(last_event_id[1]) + 1 if last_event_id else 1, len(self.published) + 1
        ):
            await reader.send(number, self.published[number - 1])
        self.readers.append(reader)
        await incoming.read()

    async def _publish(self, body: bytes) -> None:
        self.published.append(body)
        number = len(self.published)
        await asyncio.gather(*(reader.send(number, body) for reader in list(self.readers)))


@asynccontextmanager
async def hostile_server() -> AsyncIterator[HostileServer]:
    """Run a server for the length of a block."""
    server = HostileServer()
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        for reader in server.readers:
            reader.writer.close()
        listener.close()
