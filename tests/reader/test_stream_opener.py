"""Streams that are opened ahead of the application: their answers are those of the application."""

import asyncio
import re
import socket
import zlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any

import h11
import pytest
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


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """The two ports."""
    with doors(tmp_path_factory.mktemp("doors")) as opened:
        yield opened


def request_of(
    fields: str = "", query: str = "", *, slug: str = "SLUG", host: str = "live.example"
) -> str:
    """Return a request for a stream."""
    target = f"/v1/coverages/{slug}/events{query}"
    return f"GET {target} HTTP/1.1\r\nHost: {host}\r\n{STREAM}{fields}"


# Each has a header or a member that an answer depends on, and is opened ahead of the application.
PLAIN = {
    "plain": request_of(),
    "origin": request_of("Origin: https://reader.example\r\n"),
    "gzip": request_of("Accept-Encoding: gzip, br\r\n"),
    "gzip and origin": request_of("Accept-Encoding: gzip\r\nOrigin: https://a.example\r\n"),
    "last event": request_of("Last-Event-ID: CURSOR\r\n"),
    "empty last event": request_of("Last-Event-ID: \r\n", "?after=0"),
    "after": request_of(query="?after=CURSOR"),
    "from the start": request_of(query="?after=0"),
    "last event before after": request_of("Last-Event-ID: 0\r\n", "?after=CURSOR"),
    "last event in the query": request_of(query="?after=CURSOR&lastEventId=0"),
    "html": request_of(query="?format=html&after=0"),
    "limits of pages": request_of(query="?limit=5&wait=1"),
    "foreign cookie": request_of("Cookie: counter=1\r\n"),
    "foreign host": request_of(host="evil.example"),
    "closing": request_of("Connection: close\r\n"),
    "behind a proxy": request_of("X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\n"),
    "weighted": request_of().replace(STREAM, "Accept: text/event-stream, */*;q=0.1\r\n"),
}
# The application answers these.
OTHERS = {
    "unknown cursor": request_of("Last-Event-ID: nonsense\r\n"),
    "unknown epoch": request_of(query="?after=0000-1"),
    "unknown coverage": request_of(slug="nothing"),
    "planned coverage": request_of(slug="PLAN"),
    "slash in the slug": request_of(slug="a%2Fb"),
    "unknown member": request_of(query="?aftr=0"),
    "repeated member": request_of(query="?after=0&after=0"),
    "wrong value": request_of(query="?format=xml"),
    "http/1.0": request_of().replace("HTTP/1.1", "HTTP/1.0"),
    "head": request_of().replace("GET", "HEAD", 1),
    "invalid key": request_of("Authorization: Bearer dateline_0_0\r\n"),
    "our cookie": request_of("Cookie: dateline_session=0\r\n"),
    "accept twice": request_of("Accept: application/json\r\n"),
    "body": request_of("Content-Length: 0\r\n"),
}
REFUSED = {
    "malformed host": request_of(host="a b"),
    "no host": request_of().replace("Host: live.example\r\n", ""),
    "two hosts": request_of("Host: b.example\r\n"),
}


@pytest.mark.parametrize("name", [*PLAIN, *OTHERS, *REFUSED])
def test_both_ways_answer_alike(two: Doors, name: str) -> None:
    """Status, headers and first frames are the same; the application sees no plain requests."""
    request = {**PLAIN, **OTHERS, **REFUSED}[name]
    answers = []
    for port in (two.without, *[two.with_opener] * TIMES):
        before = Counting.seen
        with two.ask(port, request) as answer:
            answers.append(answer)
    assert answers == answers[:1] * (TIMES + 1)
    assert Counting.seen - before == (name in OTHERS)  # the last request


def test_both_ways_refuse_alike_at_the_limit(two: Doors) -> None:
    """An address with all of its streams gets the same refusal, and another stream later."""
    request = request_of("X-Forwarded-For: 203.0.113.9\r\n")
    with ExitStack() as open_streams:
        for _ in range(PER_ADDRESS):
            answer = open_streams.enter_context(two.ask(two.with_opener, request))
            assert answer.status == 200
        with two.ask(two.with_opener, request) as refused, two.ask(two.without, request) as same:
            assert (refused.status, refused) == (503, same)
    two.until(lambda: two.sample("dateline_connections", transport="sse") == 0)
    with two.ask(two.with_opener, request) as answer:
        assert answer.status == 200


def test_both_ways_refuse_an_address_that_has_used_up_its_share(two: Doors) -> None:
    """An address without a share of the loop's time gets the same 429."""
    request = request_of("X-Forwarded-For: 203.0.113.10\r\n")
    two.app.state.loop_shares.use("203.0.113.10", 60.0)
    with two.ask(two.with_opener, request) as refused, two.ask(two.without, request) as same:
        assert (refused.status, refused) == (429, same)


def test_a_stream_costs_its_address_a_part_of_its_share(two: Doors) -> None:
    """The time that opening takes is charged, whoever opens the stream."""
    shares = two.app.state.loop_shares
    two.open_all(request_of("X-Forwarded-For: 203.0.113.11\r\n"))
    assert shares.wait("203.0.113.11") == 0
    left = two.app.state.loop_shares._spent._windows["203.0.113.11"][1]
    two.open_all(request_of("X-Forwarded-For: 203.0.113.11\r\n"))
    assert shares._spent._windows["203.0.113.11"][1] > left > 0


def test_both_ways_count_streams_alike(two: Doors) -> None:
    """The metrics of opened, resumed and closed streams grow alike, and none stays open."""
    counts = []
    for port in (two.with_opener, two.without):
        two.open_all(request_of())
        before = two.counts()
        with two.ask(port, request_of()), two.ask(port, request_of(query="?after=0")):
            assert two.sample("dateline_connections", transport="sse") == 2
        two.until(lambda: two.sample("dateline_connections", transport="sse") == 0)
        counts.append([after - was for after, was in zip(two.counts(), before, strict=True)])
    assert counts[0] == counts[1] == [2, 2, 1, 1]


def test_a_stream_that_was_opened_ahead_gets_what_is_published(two: Doors) -> None:
    """Readers of both ways get the same events."""
    request = request_of()
    with two.listen(two.with_opener, request) as ahead, two.listen(two.without, request) as usual:
        two.run(two.publish("Live"))
        first, second = (read_until(reader, b"Live in full") for reader in (ahead, usual))
    assert first == second


def test_both_ways_answer_alike_in_a_drain(tmp_path: Path) -> None:
    """Once the process ends its streams, both ways end a new one at once, after the same frames."""
    with doors(tmp_path) as ending:
        ending.open_all(request_of())
        ending.run(ending.app.state.services.hub.drain())
        answers = []
        for port in (ending.with_opener, ending.without):
            with ending.ask(port, request_of(), to_the_end=True) as answer:
                answers.append(answer)
        assert answers[0] == answers[1]
