"""A hub on a newsdesk in memory, which owns its clients' TCP connections over loopback."""

import asyncio
import os
import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from prometheus_client import generate_latest

from app.formats.public_json import PublicJson
from app.formats.wires import Wire, encoders
from app.hub.config import HubConfig
from app.hub.hub import Hub
from app.hub.raw_connection import RawConnection
from app.hub.replay import resume_at
from app.hub.subscriber import Reading
from app.timeline.cursor import Cursor
from app.web.rate_limits.stream_slot import StreamSlot
from tests.hub.stream_parsers import ChunkedSseParser, SseParser, StreamParser, WebSocketParser
from tests.newsdesk import Newsdesk

PUBLIC_JSON = PublicJson("")
SLUG = "apollo-11"
SSE, CHUNKED_SSE = Wire.SSE_JSON, Wire.SSE_JSON_CHUNKED
FRAMES, DEFLATE = Wire.WEBSOCKET_FRAMES, Wire.WEBSOCKET_DEFLATE_FRAMES
WIRES = (SSE, CHUNKED_SSE, FRAMES, DEFLATE)
PARSERS: Mapping[Wire, Callable[[], StreamParser]] = {
    SSE: SseParser,
    CHUNKED_SSE: ChunkedSseParser,
    FRAMES: WebSocketParser,
    DEFLATE: lambda: WebSocketParser(compressed=True),
}
TIMEOUT = 60.0  # seconds for something that is sure to happen
SMALL_BUFFER = 2048  # bytes; the kernel allocates about twice that
_BACKLOG = 64
_SEGMENT = 536  # bytes of a TCP segment to a client with a small receive buffer


class Client:
    """The client's end of a connection; it reads only when a test tells it to."""

    def __init__(self, client_socket: socket.socket, parser: StreamParser) -> None:
        self.socket = client_socket
        self.parser = parser
        self.is_closed = False  # either side has closed the connection
        self.was_reset = False

    def read_available(self) -> None:
        """Read the bytes that are available now."""
        with suppress(BlockingIOError):
            while not self.is_closed:
                self._feed(self._receive())

    def _receive(self) -> bytes:
        try:
            return self.socket.recv(65536)
        except ConnectionResetError:
            self.was_reset = True
            return b""

    async def read(
        self, until: Callable[[StreamParser], bool] = lambda _parser: False
    ) -> StreamParser:
        """Read until the condition holds or the connection ends."""
        async with asyncio.timeout(TIMEOUT):
            while not (self.is_closed or until(self.parser)):
                readable = asyncio.Event()
                loop = asyncio.get_running_loop()
                loop.add_reader(self.socket, readable.set)
                try:
                    await readable.wait()
                finally:
                    loop.remove_reader(self.socket)
                self.read_available()
        return self.parser

    async def read_to(self, seq: int) -> list[int]:
        """Read up to the event of a seq, and return all seqs so far."""
        return (await self.read(lambda parser: bool(parser.events) and parser.seqs[-1] >= seq)).seqs

    def send(self, data: bytes) -> None:
        """Send bytes."""
        with suppress(ConnectionError):
            self.socket.setblocking(True)
            self.socket.sendall(data)
            self.socket.setblocking(False)

    def close(self) -> None:
        """Close the connection."""
        self.is_closed = True
        self.socket.close()

    def _feed(self, data: bytes) -> None:
        self.is_closed = not data
        self.parser.feed(data)
        # A WebSocket client answers the close frame.
        if isinstance(self.parser, WebSocketParser) and self.parser.code is not None:
            self.send(b"".join(self.parser.protocol.data_to_send()))


class HubHarness:
    """A hub on a newsdesk in memory.

    `readings` counts the hub's readings of the journal, `peers` has the server's connections, and
    `close_reasons` counts why connections ended.
    """

    def __init__(self, config: HubConfig | None = None, slug: str = SLUG) -> None:
        self.desk = Newsdesk(slug).act_all([])
        self.queue: asyncio.Queue[tuple[str, int]] = asyncio.Queue()
        self.readings = 0
        self.peers: set[Any] = set()
        self.clients: list[Client] = []
        self.close_reasons: Counter[str] = Counter()
        self.before_reading: Callable[[], Awaitable[None]] | None = None
        self.after_reading: Callable[[], Awaitable[None]] | None = None
        self.hub = Hub(
            read_since=self._read_since,
            read_heads=self._read_heads,
            notifications=self._notifications,
            is_connected=lambda: True,
            encoders=encoders(PUBLIC_JSON, lambda _: ""),
            config=config or HubConfig(),
            now=lambda: datetime.now(UTC),
            render=lambda *_: b"",
        )

    @property
    def head(self) -> Cursor:
        """The journal's head."""
        return self.desk.coverage.cursor

    def notify(self) -> None:
        """Notify the hub of the journal's head."""
        self.queue.put_nowait((self.desk.coverage.slug, self.head.seq))

    def publish(self, headline: str = "One", *, size: int = 0) -> int:
        """Publish an entry, notify the hub, and return the entry's seq."""
        self.desk.publish(headline + "x" * size)
        self.notify()
        return self.head.seq

    async def connect(
        self, wire: Wire = CHUNKED_SSE, after: int | None = None, **sizes: int
    ) -> Client:
        """Connect a client that resumes after a seq; None starts at the head."""
        client, raw = await open_connection(wire, self.peers, **sizes)
        self.take_over(raw, wire, None if after is None else str(self.head.at(after)))
        self.clients.append(client)
        return client

    def take_over(self, raw: RawConnection, wire: Wire, after: str | None = None) -> Any:
        """Have the hub take over a connection, and return the hub's `Connection`."""
        transport = "websocket" if raw.is_websocket else "sse"
        self.hub.metrics.count_opened(transport)
        slot = StreamSlot(self.hub.metrics, transport, lambda: None)
        release = slot.hand_over()

        def on_close(reason: Any) -> None:
            self.close_reasons[reason] += 1
            release(reason)

        start = resume_at(after, self.head, 10**6)
        self.hub.connect(raw, self.desk.coverage.slug, self.head, wire, start, on_close)
        return raw.transport.get_protocol()

    async def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition holds."""
        async with asyncio.timeout(TIMEOUT):
            while not condition():  # noqa: ASYNC110  nothing signals a counter
                await asyncio.sleep(0.002)

    async def settle(self) -> None:
        """Wait until the hub has read the whole journal and is idle."""
        await self.wait_until(lambda: self.topic.head.seq == self.head.seq and self.hub.is_idle)

    @property
    def topic(self) -> Any:
        """The hub's topic of the coverage."""
        return self.hub.follower.topics[self.desk.coverage.slug]

    async def disconnect_all(self) -> None:
        """Close all clients, and check that the hub has forgotten them."""
        for client in self.clients:
            client.close()
        await self.wait_until(lambda: not self.peers and not len(self.hub._shared.catch_up))
        self.check_no_subscribers()

    def check_no_subscribers(self) -> None:
        """Check that no list of the hub contains a subscriber."""
        lifecycle, catch_up = self.hub.lifecycle, self.hub._shared.catch_up
        assert not [
            *lifecycle,
            *lifecycle.slow_readers._deadlines,
            *catch_up._tasks,
            *catch_up._drained,
        ]
        for topic in self.hub.follower.topics.values():
            assert topic.subscribers == 0
            sinks = [lane.sink for lane in topic.lanes.values() if lane.sink]
            shards = [shard for sink in sinks for shard in sink.shards]
            assert not [c for shard in shards for c in shard.connections]
            assert not [d for shard in shards for d in shard._descriptors]
        assert not [
            value
            for label, value in self.metrics_by_label("dateline_connections{").items()
            if value
        ]

    def metrics_by_label(self, name: str) -> dict[str, float]:
        """Return the metrics samples whose names start with a prefix, by name and labels."""
        lines = generate_latest(self.hub.metrics.registry).decode().splitlines()
        samples = (line.rpartition(" ") for line in lines if line.startswith(name))
        return {label: float(value) for label, _, value in samples}

    async def _read_since(self, _slug: str, after: Cursor, limit: int) -> Reading:
        self.readings += 1
        if self.before_reading:
            await self.before_reading()
        reading = self.desk.reading(after, limit)
        if self.after_reading:
            await self.after_reading()
        return reading

    async def _read_heads(self, slugs: Collection[str]) -> Mapping[str, Cursor]:
        return dict.fromkeys(slugs, self.head)

    async def _notifications(self) -> AsyncIterator[tuple[str, int]]:
        while True:
            yield await self.queue.get()


async def open_connection(
    wire: Wire,
    peers: set[Any],
    *,
    send_buffer: int = 0,
    receive_buffer: int = 0,
    parser: Any = None,
) -> tuple[Client, RawConnection]:
    """Open a TCP connection, and return the client and the connection that the server gives up.

    Args:
        wire: the wire format that will be written to it.
        peers: the server's connections.
        send_buffer: bytes of the server's send buffer in the kernel; 0 for the default.
        receive_buffer: bytes of the client's receive buffer; 0 for the default.
        parser: the server's parser of a WebSocket client that has sent bytes already.
    """
    client_socket, server_socket = _connected_pair(send_buffer, receive_buffer)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_accepted_socket(asyncio.Protocol, server_socket)
    raw = RawConnection(
        transport,
        peers,
        is_chunked=wire is CHUNKED_SSE,
        is_websocket=wire in (FRAMES, DEFLATE),
        deflate=12 if wire is DEFLATE else None,
        parser=parser,
    )
    return Client(client_socket, PARSERS[wire]()), raw


def _connected_pair(send_buffer: int, receive_buffer: int) -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG) as listener:
        if send_buffer:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
        client_socket = socket.socket()
        if receive_buffer:
            client_socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            # A segment of loopback, of up to 64 KB, does not fit the window of so small a buffer:
            # the kernel would send it piece by piece, at each probe of the window, every 200 ms.
            client_socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _SEGMENT)
        client_socket.connect(listener.getsockname())
        server_socket, _ = listener.accept()
    client_socket.setblocking(False)
    server_socket.setblocking(False)
    server_socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
    return client_socket, server_socket


async def fill_until_full(descriptor: int) -> None:
    """Fill a connection's kernel buffers by writing to its descriptor; the client does not read."""
    unsuccessful = 0
    while unsuccessful < 10:
        await asyncio.sleep(0.01)  # bytes that move on to the client's buffer make room again
        unsuccessful = 0 if fill(descriptor) else unsuccessful + 1


def fill(descriptor: int) -> int:
    """Fill a socket's send buffer, and return the number of bytes written."""
    sent = 0
    for size in 4096, 512, 1:
        with suppress(BlockingIOError):
            while True:
                sent += os.write(descriptor, b"\0" * size)
    return sent
