"""Taking connections over from uvicorn, and the same streams where that is not possible."""

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
import uvloop
from fastapi import FastAPI
from hypercorn.asyncio import serve as serve_hypercorn
from hypercorn.config import Config as HypercornConfig
from starlette.types import ASGIApp, Receive, Scope, Send
from websockets.asyncio.client import connect

from app.main import create_app
from app.server.http10 import Unchunked
from app.server.websocket_protocol import SocketProtocol
from app.settings import Settings
from tests.conftest import Newsroom
from tests.hub.harness import TIMEOUT, Client
from tests.hub.stream_parsers import ChunkedSseParser, SseParser, StreamParser
from tests.record import Record

ENTRIES = 5
SSE = "Accept: text/event-stream\r\nAccept-Encoding: identity\r\n"


class WrappingMiddleware:
    """A middleware that wraps `receive`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""

        async def received() -> Any:
            return await receive()

        await self._app(scope, received, send)


@dataclass
class ServedApp:
    """An application served in this process, with a coverage."""

    app: FastAPI
    port: int
    record: Record

    @property
    def owned_connections(self) -> list[Any]:
        """The connections that the hub owns."""
        return list(self.app.state.services.hub.lifecycle)

    async def publish(self, headline: str) -> None:
        """Publish an entry and announce it."""
        await self.record.publish(headline)
        await self.app.state.services.announce(
            self.record.slug, self.record.desk.coverage.cursor.seq
        )

    def open(self, request: str, parser: StreamParser) -> Client:
        """Send a request, and return its client."""
        connection = socket.create_connection(("127.0.0.1", self.port))
        connection.sendall(request.replace("SLUG", self.record.slug).encode())
        connection.setblocking(False)
        return Client(connection, ResponseParser(parser))  # type: ignore[arg-type]

    def stream(self, version: str = "1.1", fields: str = SSE, method: str = "GET") -> Client:
        """Request the whole stream."""
        request = (
            f"{method} /v1/coverages/SLUG/events?after=0 HTTP/{version}\r\nHost: a\r\n{fields}\r\n"
        )
        return self.open(request, SseParser() if version == "1.0" else ChunkedSseParser())


class ResponseParser:
    """Parses the head of a response, and passes the body to a stream parser."""

    def __init__(self, parser: StreamParser) -> None:
        self.parser = parser
        self.head = b""
        self.body = b""

    def feed(self, data: bytes) -> None:
        """Parse the next bytes."""
        if b"\r\n\r\n" not in self.head:
            head, end, data = (self.head + data).partition(b"\r\n\r\n")
            self.head = head + end
        self.body += data
        self.parser.feed(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.parser, name)


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def runner(request: pytest.FixtureRequest) -> Iterator[asyncio.Runner]:
    """A runner for each event loop."""
    with asyncio.Runner(loop_factory=request.param) as runner:
        yield runner


@asynccontextmanager
async def serving(
    folder: Path, wrap: Callable[[ASGIApp], ASGIApp] = Unchunked, **options: Any
) -> AsyncIterator[ServedApp]:
    """Serve the application with uvicorn, or with `hypercorn=True` with Hypercorn."""
    app = create_app(Settings(database_url=f"sqlite:///{folder}/dateline.db"))
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        port = listener.getsockname()[1]
        stop = asyncio.Event()
        if options.pop("hypercorn", False):
            running = _hypercorn(wrap(app), listener, stop)
        else:
            server_options = {"log_level": "critical", "timeout_keep_alive": 1}
            options = {"ws": SocketProtocol, **server_options, **options}
            server = uvicorn.Server(uvicorn.Config(wrap(app), **options))
            running = _uvicorn(server, listener, stop)
        task = asyncio.create_task(running)
        async with asyncio.timeout(TIMEOUT):
            while not hasattr(app.state, "services") or not await _answers(port):  # noqa: ASYNC110  nothing signals it
                await asyncio.sleep(0.01)
        record = await Record(app.state.services.store).open()
        for number in range(ENTRIES - 1):
            await record.publish(f"Number {number}")
        try:
            yield ServedApp(app, port, record)
        finally:
            await app.state.services.hub.drain()
            stop.set()
            async with asyncio.timeout(TIMEOUT):
                await task


async def _uvicorn(server: uvicorn.Server, listener: socket.socket, stop: asyncio.Event) -> None:
    serve = asyncio.create_task(server._serve([listener]))
    await stop.wait()
    server.should_exit = True
    await serve


async def _hypercorn(app: ASGIApp, listener: socket.socket, stop: asyncio.Event) -> None:
    config = HypercornConfig()
    config.bind = [f"fd://{os.dup(listener.fileno())}"]
    config.loglevel = "CRITICAL"
    config.graceful_timeout = config.keep_alive_timeout = 1
    await serve_hypercorn(app, config, shutdown_trigger=stop.wait)  # type: ignore[arg-type]


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def wait_for_endpoints() -> None:
    """Wait until no endpoint is running, which takes a few turns of the loop after a takeover."""
    async with asyncio.timeout(TIMEOUT):
        while [task for task in asyncio.all_tasks() if "run_asgi" in repr(task.get_coro())]:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


REQUESTS = [("1.1", SSE), ("1.1", SSE + "Connection: close\r\n"), ("1.0", SSE)]


def test_the_hub_owns_every_line_and_no_task_is_left(runner, tmp_path):
    """The hub takes over every SSE connection, and no task remains: uvicorn's internals fit."""

    async def run() -> None:
        async with serving(tmp_path) as served:
            clients: list[Client] = []
            for head, (version, fields) in enumerate(REQUESTS, ENTRIES):
                for _ in range(21):
                    clients.append(served.stream(version, fields))
                    await clients[-1].read(lambda parser, head=head: len(parser.events) == head)
                assert len(served.owned_connections) == len(clients)
                await wait_for_endpoints()
                await served.publish("Live")
                for client in clients:
                    assert await client.read_to(head + 1) == list(range(1, head + 2))

    runner.run(run())


@pytest.mark.parametrize("compression", ["deflate", None])
def test_the_hub_owns_every_websocket_too(runner, tmp_path, compression):
    """The hub takes over WebSockets, with or without compression, and no task remains."""

    async def run() -> None:
        async with serving(tmp_path) as served:
            url = f"ws://127.0.0.1:{served.port}/v1/coverages/{served.record.slug}/socket?after=0"
            async with connect(url, compression=compression) as socket:
                for _ in range(ENTRIES + 1):
                    await socket.recv()
                (connection,) = served.owned_connections
                assert connection.transport.get_protocol() is connection
                await (await socket.ping())
                await socket.send("A word")
                await served.publish("Live")
                assert "Live" in str(await socket.recv())
                await wait_for_endpoints()

    runner.run(run())


FALLBACKS: dict[str, dict[str, Any]] = {
    "wrapped": {"wrap": lambda app: Unchunked(WrappingMiddleware(app))},
    "h11": {"http": "h11"},
    "hypercorn": {"hypercorn": True},
}


def read_stream(folder: Path, *, is_taken_over: bool, **options: Any) -> dict[str, str]:
    """Read a stream to its end in each HTTP version, and return its events."""

    async def run() -> dict[str, str]:
        async with serving(folder, **options) as served:
            clients = {version: served.stream(version) for version in ("1.1", "1.0")}
            for client in clients.values():
                await client.read(lambda parser: len(parser.events) == ENTRIES)
            await served.publish("Live")
            for client in clients.values():
                assert await client.read_to(ENTRIES + 1) == list(range(1, ENTRIES + 2))
            assert bool(served.owned_connections) == is_taken_over
            draining = asyncio.create_task(served.app.state.services.hub.drain())
            for client in clients.values():
                await client.read()
                assert client.parser.is_complete
            await draining
            return {
                version: json.dumps(client.parser.events).replace(served.record.slug, "SLUG")
                for version, client in clients.items()
            }

    return asyncio.run(run())


@pytest.fixture(scope="module")
def stream_of_the_hub(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The events of a stream whose connection the hub has taken over."""
    return read_stream(tmp_path_factory.mktemp("taken"), is_taken_over=True)


@pytest.mark.parametrize("way", FALLBACKS)
def test_where_the_line_cannot_be_had_the_stream_is_the_same(tmp_path, stream_of_the_hub, way):
    """Behind a wrapping middleware, or with h11 or Hypercorn, the stream is the same."""
    assert read_stream(tmp_path, is_taken_over=False, **FALLBACKS[way]) == stream_of_the_hub


def test_head_has_the_head_and_takes_no_line(runner, tmp_path):
    """A HEAD request is not taken over, and its connection serves the next request."""

    async def run() -> None:
        async with serving(tmp_path) as served:
            client = served.stream(method="HEAD")
            await client.read(lambda parser: parser.head.endswith(b"\r\n\r\n"))
            assert b"text/event-stream" in client.parser.head
            assert not served.owned_connections
            client.parser = ResponseParser(SseParser())
            client.send(b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            await client.read()
            assert client.parser.head.startswith(b"HTTP/1.1 200")

    runner.run(run())


def test_a_second_request_behind_a_stream_does_it_no_harm(runner, tmp_path):
    """A pipelined request after a stream is not answered, and does not disturb the stream."""

    async def run() -> None:
        async with serving(tmp_path) as served:
            request = f"GET /v1/coverages/SLUG/events?after=0 HTTP/1.1\r\nHost: a\r\n{SSE}\r\n"
            second = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
            together = served.open(request + second, ChunkedSseParser())
            later = served.open(request, ChunkedSseParser())
            await later.read(lambda parser: len(parser.events) == ENTRIES)
            later.send(second.encode())
            await served.publish("Live")
            for client in together, later:
                assert await client.read_to(ENTRIES + 1) == list(range(1, ENTRIES + 2))

    runner.run(run())


def test_dateline_serve_takes_the_lines(newsroom: Newsroom, slug: str):
    """`dateline serve` takes connections over: only the hub disconnects a client that sends."""
    request = f"GET /v1/coverages/{slug}/events HTTP/1.1\r\nHost: a\r\n{SSE}\r\n"
    with socket.create_connection(
        ("127.0.0.1", newsroom.server.port), timeout=TIMEOUT
    ) as connection:
        connection.sendall(request.encode())
        received = b""
        while b"retry: " not in received:
            received += connection.recv(4096)
        with pytest.raises(ConnectionError):
            _send_too_much(connection)


def _send_too_much(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"x" * 4097)
        connection.recv(4096)
