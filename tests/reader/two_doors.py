"""One application behind two ports: with the stream opener, and without."""

import asyncio
import re
import socket
import zlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any

import h11
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from app.main import before_requests, create_app
from app.server.acceptor import http_protocol
from app.server.http_config import HttpConfig
from app.server.websocket_protocol import SocketProtocol
from app.settings import Settings
from app.store.coverages import add_coverage
from tests.hub.harness import TIMEOUT
from tests.record import Record

ENTRIES = 3
PER_ADDRESS = 4  # streams
TIMES = 3  # requests of each kind: the opener learns from the first
STREAM = "Accept: text/event-stream\r\n"
_RANDOM = re.compile(rb"(?<=retry: )\d{4}|(?<=\"seconds\":)\d+")
_VARYING = {b"date", b"retry-after"}


class Counting:
    """A middleware that counts the requests which reach the application."""

    seen = 0

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count a request."""
        Counting.seen += scope["type"] != "lifespan"
        await self._app(scope, receive, send)


@dataclass(frozen=True)
class Answer:
    """What a client has received, but for the values that are random."""

    status: int
    reason: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes


@dataclass
class Doors:
    """One application behind two ports: with the opener, and without."""

    app: FastAPI
    loop: asyncio.AbstractEventLoop
    with_opener: int
    without: int
    record: Record
    planned: Record

    @property
    def head(self) -> str:
        """The cursor of the journal's head."""
        return str(self.record.desk.coverage.cursor)

    def bytes_of(self, request: str) -> bytes:
        """Return a request as it is sent."""
        names = {"SLUG": self.record.slug, "CURSOR": self.head, "PLAN": self.planned.slug}
        for name, value in names.items():
            request = request.replace(name, value)
        return f"{request}\r\n".encode()

    @contextmanager
    def ask(self, port: int, request: str, *, to_the_end: bool = False) -> Iterator[Answer]:
        """Send a request, read the answer or its first frames, and keep the connection open."""
        with socket.create_connection(("127.0.0.1", port), TIMEOUT) as connection:
            connection.sendall(self.bytes_of(request))
            yield self._read(connection, request, to_the_end=to_the_end)

    @contextmanager
    def listen(self, port: int, request: str) -> Iterator[socket.socket]:
        """Open a stream, and yield the connection after its head and first frame."""
        with socket.create_connection(("127.0.0.1", port), TIMEOUT) as connection:
            connection.sendall(self.bytes_of(request))
            read_until(connection, b"id: ")
            yield connection

    def open_all(self, request: str) -> None:
        """Open a stream and close it, a few times: after the first one the opener does it."""
        for _ in range(TIMES):
            with self.ask(self.with_opener, request) as answer:
                assert answer.status == 200
        self.until(lambda: self.sample("dateline_connections", transport="sse") == 0)

    def send(self, port: int, packets: Sequence[str]) -> bytes:
        """Send packets, each after some answer to those before; return all that is received.

        The connection is over once a stream has come to the journal's head.
        """
        received = b""
        with socket.create_connection(("127.0.0.1", port), TIMEOUT) as connection:
            for packet in packets:
                connection.sendall(self.bytes_of(packet)[:-2])
                if packet.endswith("\r\n\r\n") and packet is not packets[-1]:
                    received += connection.recv(65536)
            head = f"id: {self.head}\n".encode()
            while head not in received and (part := connection.recv(65536)):
                received += part
        return re.sub(rb"(?<=retry: )\d{4}|(?<=date: )[^\r]+", b"N", received)

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine where the application runs."""
        asyncio.run_coroutine_threadsafe(work, self.loop).result(TIMEOUT)

    async def publish(self, headline: str) -> None:
        """Publish an entry and announce it."""
        await self.record.publish(headline)
        seq = self.record.desk.coverage.cursor.seq
        await self.app.state.services.announce(self.record.slug, seq)

    def sample(self, name: str, **labels: str) -> float:
        """Return a metric's value."""
        registry = self.app.state.services.hub.metrics.registry
        return registry.get_sample_value(name, labels) or 0

    def counts(self) -> list[float]:
        """Return the counts of streams."""
        return [
            self.sample("dateline_connections_opened_total", transport="sse"),
            self.sample("dateline_connections_closed_total", transport="sse", reason="client"),
            self.sample("dateline_resumes_total", outcome="current"),
            self.sample("dateline_resumes_total", outcome="buffer"),
        ]

    def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until the application has noticed what its clients did."""

        async def wait() -> None:
            async with asyncio.timeout(TIMEOUT):
                while not is_so():  # noqa: ASYNC110  nothing signals it
                    await asyncio.sleep(0.01)

        self.run(wait())

    def _read(self, connection: socket.socket, request: str, *, to_the_end: bool) -> Answer:
        parser = h11.Connection(h11.CLIENT)
        method = request.partition(" ")[0]
        parser.send(h11.Request(method=method, target="/", headers=[("host", "a")]))
        parser.send(h11.EndOfMessage())
        head, body = None, b""
        while to_the_end or not self._is_whole(head, body):
            event = parser.next_event()
            if event is h11.NEED_DATA:
                parser.receive_data(connection.recv(65536))
            elif isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                break
        assert head is not None
        headers = [(n, v) for n, v in head.headers.raw_items() if n.lower() not in _VARYING]
        return Answer(
            head.status_code, head.reason, headers, _RANDOM.sub(b"N", plain_of(head, body))
        )

    def _is_whole(self, head: h11.Response | None, body: bytes) -> bool:
        """Return whether the stream has come to the journal's head."""
        if head is None or b"text/event-stream" not in dict(head.headers).get(b"content-type", b""):
            return False
        text = plain_of(head, body)
        return f"id: {self.head}\n".encode() in text and text.endswith(b"\n\n")


def read_until(connection: socket.socket, end: bytes) -> bytes:
    """Read from a stream until some bytes have come; what precedes them varies by its retry."""
    data = b""
    while end not in data:
        data += connection.recv(65536)
    return data


def plain_of(head: h11.Response, body: bytes) -> bytes:
    """Return a body without its compression."""
    if (b"content-encoding", b"gzip") not in head.headers.raw_items():
        return body
    return zlib.decompressobj(wbits=31).decompress(body)


@asynccontextmanager
async def serving(app: ASGIApp, lifespan: str) -> AsyncIterator[int]:
    """Serve an application with the server's own protocols, and yield the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        options: dict[str, Any] = {"log_level": "critical", "proxy_headers": False}
        config = uvicorn.Config(
            app,
            http=http_protocol(HttpConfig()),
            ws=SocketProtocol,
            lifespan=lifespan,  # type: ignore[arg-type]
            server_header=False,
            access_log=False,
            **options,
        )
        server = uvicorn.Server(config)
        task = asyncio.create_task(server._serve([listener]))
        async with asyncio.timeout(TIMEOUT):
            while not server.started:  # noqa: ASYNC110  nothing signals it
                await asyncio.sleep(0.01)
        yield listener.getsockname()[1]
        server.should_exit = True
        async with asyncio.timeout(TIMEOUT):
            await task


@contextmanager
def doors(folder: Path) -> Iterator[Doors]:
    """Serve one application at two ports, in a thread of its own."""
    settings = Settings(
        database_url=f"sqlite:///{folder}/dateline.db",
        streams_per_address=PER_ADDRESS,
        loop_share=0.9,
    )
    app = create_app(settings)
    app.add_middleware(Counting)
    opened: list[Doors] = []
    is_open, is_over = Event(), asyncio.Event()

    async def run() -> None:
        async with (
            serving(before_requests(app, settings), "on") as with_opener,
            serving(before_requests(app, settings, opens_streams=False), "off") as without,
        ):
            record = await Record(app.state.services.store).open()
            for number in range(ENTRIES):
                await record.publish(f"Number {number}")
            planned = Record(app.state.services.store)
            async with planned.store.writing() as session:
                await add_coverage(session, planned.desk.coverage)
            loop = asyncio.get_running_loop()
            opened.append(Doors(app, loop, with_opener, without, record, planned))
            is_open.set()
            await is_over.wait()

    thread = Thread(target=asyncio.run, args=(run(),))
    thread.start()
    assert is_open.wait(TIMEOUT)
    yield opened[0]
    opened[0].loop.call_soon_threadsafe(is_over.set)
    thread.join(TIMEOUT)
