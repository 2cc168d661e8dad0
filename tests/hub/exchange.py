"""A newsdesk and a hub that owns the lines of its readers: TCP over loopback."""

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
from app.timeline.cursor import Cursor
from app.timeline.event import Event
from app.web.rate_limits.stream_slot import StreamSlot
from tests.hub.ears import ChunkedEar, Ear, SocketEar, SseEar
from tests.newsdesk import Newsdesk

FORM = PublicJson("")
SLUG = "apollo-11"
SSE, CHUNKS = Wire.SSE_JSON, Wire.SSE_JSON_CHUNKED
FRAMES, DEFLATE = Wire.WEBSOCKET_FRAMES, Wire.WEBSOCKET_DEFLATE_FRAMES
WIRES = (SSE, CHUNKS, FRAMES, DEFLATE)
EARS: Mapping[Wire, Callable[[], Ear]] = {
    SSE: SseEar,
    CHUNKS: ChunkedEar,
    FRAMES: SocketEar,
    DEFLATE: lambda: SocketEar(compressed=True),
}
PATIENCE = 60.0  # seconds for something that is sure to come
SMALL = 2048  # bytes; the kernel makes about twice that of it
_LISTENER = 64


class Client:
    """A reader's end of a line; it reads only when it is told to."""

    def __init__(self, end: socket.socket, ear: Ear) -> None:
        self.socket = end
        self.ear = ear
        self.is_over = False  # the line is closed, by whomever
        self.was_reset = False

    def look(self) -> None:
        """Read what is there now."""
        with suppress(BlockingIOError):
            while not self.is_over:
                self._take(self._receive())

    def _receive(self) -> bytes:
        try:
            return self.socket.recv(65536)
        except ConnectionResetError:
            self.was_reset = True
            return b""

    async def read(self, until: Callable[[Ear], bool] = lambda _ear: False) -> Ear:
        """Read until that is so, or to the end of the line."""
        async with asyncio.timeout(PATIENCE):
            while not (self.is_over or until(self.ear)):
                readable = asyncio.Event()
                loop = asyncio.get_running_loop()
                loop.add_reader(self.socket, readable.set)
                try:
                    await readable.wait()
                finally:
                    loop.remove_reader(self.socket)
                self.look()
        return self.ear

    async def read_to(self, seq: int) -> list[int]:
        """Read up to the event of that seq; gives all seqs so far."""
        return (await self.read(lambda ear: bool(ear.events) and ear.seqs[-1] >= seq)).seqs

    def say(self, data: bytes) -> None:
        """Send some bytes."""
        with suppress(ConnectionError):
            self.socket.setblocking(True)
            self.socket.sendall(data)
            self.socket.setblocking(False)

    def close(self) -> None:
        """Hang up."""
        self.is_over = True
        self.socket.close()

    def _take(self, data: bytes) -> None:
        self.is_over = not data
        self.ear.hear(data)
        # A client of WebSocket answers the close frame.
        if isinstance(self.ear, SocketEar) and self.ear.code is not None:
            self.say(b"".join(self.ear.protocol.data_to_send()))


class Exchange:
    """A hub on a newsdesk in memory.

    `readings` counts those of the journal, `peers` are the lines as the server counts them,
    `connections` the hub's own ends by the client's, `ended` why lines ended.
    """

    def __init__(self, config: HubConfig | None = None, slug: str = SLUG) -> None:
        self.desk = Newsdesk(slug).act_all([])
        self.rings: asyncio.Queue[tuple[str, int]] = asyncio.Queue()
        self.readings = 0
        self.peers: set[Any] = set()
        self.clients: list[Client] = []
        self.ended: Counter[str] = Counter()
        self.before_reading: Callable[[], Awaitable[None]] | None = None
        self.after_reading: Callable[[], Awaitable[None]] | None = None
        self.hub = Hub(
            read_since=self._read_since,
            read_heads=self._read_heads,
            notifications=self._bell,
            is_connected=lambda: True,
            encoders=encoders(FORM, lambda _: ""),
            config=config or HubConfig(),
            now=lambda: datetime.now(UTC),
            render=lambda *_: b"",
        )

    @property
    def head(self) -> Cursor:
        """Where the journal ends."""
        return self.desk.coverage.cursor

    def ring(self) -> None:
        """Ring for all there is."""
        self.rings.put_nowait((self.desk.coverage.slug, self.head.seq))

    def publish(self, words: str = "One", *, size: int = 0) -> int:
        """Publish an entry and ring; gives its seq."""
        self.desk.publish(words + "x" * size)
        self.ring()
        return self.head.seq

    async def connect(self, wire: Wire = CHUNKS, after: int | None = None, **sizes: int) -> Client:
        """A reader on a line of its own, from that seq on; None to start now."""
        client, line = await open_line(wire, self.peers, **sizes)
        self.own(line, wire, None if after is None else str(self.head.at(after)))
        self.clients.append(client)
        return client

    def own(self, raw: RawConnection, wire: Wire, asked: str | None = None) -> Any:
        """Have the hub own a connection, as the reader's door does; gives the hub's end of it."""
        transport = "websocket" if raw.is_websocket else "sse"
        self.hub.metrics.count_opened(transport)
        slot = StreamSlot(self.hub.metrics, transport, lambda: None)
        release = slot.hand_over()

        def over(reason: Any) -> None:
            self.ended[reason] += 1
            release(reason)

        start = resume_at(asked, self.head, 10**6)
        self.hub.connect(raw, self.desk.coverage.slug, self.head, wire, start, over)
        return raw.transport.get_protocol()

    async def until(self, so: Callable[[], bool]) -> None:
        """Wait until that is so."""
        async with asyncio.timeout(PATIENCE):
            while not so():  # noqa: ASYNC110  counters ring no bell
                await asyncio.sleep(0.002)

    async def settle(self) -> None:
        """Wait until the hub has heard all there is and stands still."""
        await self.until(lambda: self.topic.head.seq == self.head.seq and self.hub.is_idle)

    @property
    def topic(self) -> Any:
        """What the hub holds of the coverage."""
        return self.hub.follower.topics[self.desk.coverage.slug]

    async def empty(self) -> None:
        """Hang up everywhere, and find that nobody is left behind."""
        for client in self.clients:
            client.close()
        await self.until(lambda: not self.peers and not len(self.hub._shared.catch_up))
        self.check_empty()

    def check_empty(self) -> None:
        """Nobody is left behind in any list."""
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
        assert not [v for line, v in self.figures("dateline_connections{").items() if v]

    def figures(self, name: str) -> dict[str, float]:
        """Lines of the metrics that begin like that, with their figures."""
        lines = generate_latest(self.hub.metrics.registry).decode().splitlines()
        found = (line.rpartition(" ") for line in lines if line.startswith(name))
        return {label: float(value) for label, _, value in found}

    async def _read_since(self, _slug: str, after: Cursor, limit: int) -> list[Event]:
        self.readings += 1
        if self.before_reading:
            await self.before_reading()
        found = self.desk.since(after, limit)
        if self.after_reading:
            await self.after_reading()
        return found

    async def _read_heads(self, slugs: Collection[str]) -> Mapping[str, Cursor]:
        return dict.fromkeys(slugs, self.head)

    async def _bell(self) -> AsyncIterator[tuple[str, int]]:
        while True:
            yield await self.rings.get()


async def open_line(
    wire: Wire, peers: set[Any], *, sends: int = 0, receives: int = 0, parser: Any = None
) -> tuple[Client, RawConnection]:
    """A TCP connection: the reader's end, and the one that the server gives up.

    Args:
        wire: what will be written to it.
        peers: the server's connections.
        sends: bytes of the server's buffer in the kernel; 0 as it comes.
        receives: bytes of the client's.
        parser: the server's reading of a WebSocket client that has spoken.
    """
    mine, its = _pair(sends, receives)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_accepted_socket(asyncio.Protocol, its)
    line = RawConnection(
        transport,
        peers,
        is_chunked=wire is CHUNKS,
        is_websocket=wire in (FRAMES, DEFLATE),
        deflate=12 if wire is DEFLATE else None,
        parser=parser,
    )
    return Client(mine, EARS[wire]()), line


def _pair(sends: int, receives: int) -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=_LISTENER) as listener:
        if sends:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, sends)
        mine = socket.socket()
        if receives:
            mine.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
        mine.connect(listener.getsockname())
        its, _ = listener.accept()
    mine.setblocking(False)
    its.setblocking(False)
    its.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
    return mine, its


async def clog(descriptor: int) -> None:
    """Fill a line to the brim behind everybody's back; its client does not read."""
    quiet = 0
    while quiet < 10:
        await asyncio.sleep(0.01)  # what goes on to the client's buffer makes room again
        quiet = 0 if fill(descriptor) else quiet + 1


def fill(descriptor: int) -> int:
    """Fill what room a socket has now; gives how many bytes that were."""
    sent = 0
    for size in 4096, 512, 1:
        with suppress(BlockingIOError):
            while True:
                sent += os.write(descriptor, b"\0" * size)
    return sent
