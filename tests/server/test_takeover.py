"""Promises of taking lines from uvicorn, and of the same streams where they cannot be had."""

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
from tests.hub.ears import ChunkedEar, Ear, SseEar
from tests.hub.exchange import PATIENCE, Client
from tests.record import Record

ENTRIES = 5
SSE = "Accept: text/event-stream\r\nAccept-Encoding: identity\r\n"


class Wrapping:
    """A middleware as there are many: its `receive` is its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on."""

        async def received() -> Any:
            return await receive()

        await self._app(scope, received, send)


@dataclass
class Place:
    """A newsroom that is served in this process, and a coverage of it."""

    app: FastAPI
    port: int
    record: Record

    @property
    def taken(self) -> list[Any]:
        """The lines that the hub owns."""
        return list(self.app.state.services.hub.lifecycle)

    async def publish(self, headline: str) -> None:
        """Publish an entry, and say so."""
        await self.record.publish(headline)
        await self.app.state.services.announce(
            self.record.slug, self.record.desk.coverage.cursor.seq
        )

    def open(self, request: str, ear: Ear) -> Client:
        """Send a request."""
        line = socket.create_connection(("127.0.0.1", self.port))
        line.sendall(request.replace("SLUG", self.record.slug).encode())
        line.setblocking(False)
        return Client(line, Headed(ear))  # type: ignore[arg-type]

    def stream(self, version: str = "1.1", fields: str = SSE, method: str = "GET") -> Client:
        """Ask for the whole stream."""
        request = (
            f"{method} /v1/coverages/SLUG/events?after=0 HTTP/{version}\r\nHost: a\r\n{fields}\r\n"
        )
        return self.open(request, SseEar() if version == "1.0" else ChunkedEar())


class Headed:
    """Hears the head of an answer, and leaves the rest to an ear."""

    def __init__(self, ear: Ear) -> None:
        self.ear = ear
        self.head = b""
        self.body = b""

    def hear(self, data: bytes) -> None:
        """Take in some bytes."""
        if b"\r\n\r\n" not in self.head:
            head, end, data = (self.head + data).partition(b"\r\n\r\n")
            self.head = head + end
        self.body += data
        self.ear.hear(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ear, name)


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def runner(request: pytest.FixtureRequest) -> Iterator[asyncio.Runner]:
    """Either loop."""
    with asyncio.Runner(loop_factory=request.param) as found:
        yield found


@asynccontextmanager
async def serving(
    folder: Path, wrap: Callable[[ASGIApp], ASGIApp] = Unchunked, **options: Any
) -> AsyncIterator[Place]:
    """The application on uvicorn, or with `hypercorn=True` on that."""
    app = create_app(Settings(database_url=f"sqlite:///{folder}/dateline.db"))
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        port = listener.getsockname()[1]
        stop = asyncio.Event()
        if options.pop("hypercorn", False):
            running = _hypercorn(wrap(app), listener, stop)
        else:
            quick = {"log_level": "critical", "timeout_keep_alive": 1}
            options = {"ws": SocketProtocol, **quick, **options}
            server = uvicorn.Server(uvicorn.Config(wrap(app), **options))
            running = _uvicorn(server, listener, stop)
        task = asyncio.create_task(running)
        async with asyncio.timeout(PATIENCE):
            while not hasattr(app.state, "services") or not await _answers(port):  # noqa: ASYNC110  it says nothing
                await asyncio.sleep(0.01)
        record = await Record(app.state.services.store).open()
        for number in range(ENTRIES - 1):
            await record.publish(f"Number {number}")
        try:
            yield Place(app, port, record)
        finally:
            await app.state.services.hub.drain()
            stop.set()
            async with asyncio.timeout(PATIENCE):
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


async def no_task_of_a_reader() -> None:
    """Wait until no endpoint runs any more; with the line taken that is a turn or two away."""
    async with asyncio.timeout(PATIENCE):
        while [task for task in asyncio.all_tasks() if "run_asgi" in repr(task.get_coro())]:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


WAYS = [("1.1", SSE), ("1.1", SSE + "Connection: close\r\n"), ("1.0", SSE)]


def test_the_hub_owns_every_line_and_no_task_is_left(runner, tmp_path):
    """The canary of the attributes of uvicorn that the takeover touches, one way after another."""

    async def run() -> None:
        async with serving(tmp_path) as place:
            clients: list[Client] = []
            for head, (version, fields) in enumerate(WAYS, ENTRIES):
                for _ in range(21):
                    clients.append(place.stream(version, fields))
                    await clients[-1].read(lambda ear, head=head: len(ear.events) == head)
                assert len(place.taken) == len(clients)
                await no_task_of_a_reader()
                await place.publish("Live")
                for client in clients:
                    assert await client.read_to(head + 1) == list(range(1, head + 2))

    runner.run(run())


@pytest.mark.parametrize("compression", ["deflate", None])
def test_the_hub_owns_every_websocket_too(runner, tmp_path, compression):
    """With and without compression, with no task for any of them."""

    async def run() -> None:
        async with serving(tmp_path) as place:
            address = f"ws://127.0.0.1:{place.port}/v1/coverages/{place.record.slug}/socket?after=0"
            async with connect(address, compression=compression) as socket:
                for _ in range(ENTRIES + 1):
                    await socket.recv()
                (end,) = place.taken
                assert end.transport.get_protocol() is end
                await (await socket.ping())
                await socket.send("A word")
                await place.publish("Live")
                assert "Live" in str(await socket.recv())
                await no_task_of_a_reader()

    runner.run(run())


FALLBACKS: dict[str, dict[str, Any]] = {
    "wrapped": {"wrap": lambda app: Unchunked(Wrapping(app))},
    "h11": {"http": "h11"},
    "hypercorn": {"hypercorn": True},
}


def told(folder: Path, *, taken: bool, **options: Any) -> dict[str, str]:
    """The events of a stream to its end, in each version of HTTP."""

    async def run() -> dict[str, str]:
        async with serving(folder, **options) as place:
            clients = {version: place.stream(version) for version in ("1.1", "1.0")}
            for client in clients.values():
                await client.read(lambda ear: len(ear.events) == ENTRIES)
            await place.publish("Live")
            for client in clients.values():
                assert await client.read_to(ENTRIES + 1) == list(range(1, ENTRIES + 2))
            assert bool(place.taken) == taken
            draining = asyncio.create_task(place.app.state.services.hub.drain())
            for client in clients.values():
                await client.read()
                assert client.ear.is_whole
            await draining
            return {
                version: json.dumps(client.ear.events).replace(place.record.slug, "SLUG")
                for version, client in clients.items()
            }

    return asyncio.run(run())


@pytest.fixture(scope="module")
def told_by_the_hub(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is told where the line can be had."""
    return told(tmp_path_factory.mktemp("taken"), taken=True)


@pytest.mark.parametrize("way", FALLBACKS)
def test_where_the_line_cannot_be_had_the_stream_is_the_same(tmp_path, told_by_the_hub, way):
    """On another server, another parser, or behind a middleware that wraps `receive`."""
    assert told(tmp_path, taken=False, **FALLBACKS[way]) == told_by_the_hub


def test_head_has_the_head_and_takes_no_line(runner, tmp_path):
    """And the connection serves the next request."""

    async def run() -> None:
        async with serving(tmp_path) as place:
            client = place.stream(method="HEAD")
            await client.read(lambda ear: ear.head.endswith(b"\r\n\r\n"))
            assert b"text/event-stream" in client.ear.head
            assert not place.taken
            client.ear = Headed(SseEar())
            client.say(b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            await client.read()
            assert client.ear.head.startswith(b"HTTP/1.1 200")

    runner.run(run())


def test_a_second_request_behind_a_stream_does_it_no_harm(runner, tmp_path):
    """It waits for a stream that has no end; the events come all the same."""

    async def run() -> None:
        async with serving(tmp_path) as place:
            request = f"GET /v1/coverages/SLUG/events?after=0 HTTP/1.1\r\nHost: a\r\n{SSE}\r\n"
            second = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
            together = place.open(request + second, ChunkedEar())
            later = place.open(request, ChunkedEar())
            await later.read(lambda ear: len(ear.events) == ENTRIES)
            later.say(second.encode())
            await place.publish("Live")
            for client in together, later:
                assert await client.read_to(ENTRIES + 1) == list(range(1, ENTRIES + 2))

    runner.run(run())


def test_dateline_serve_takes_the_lines(newsroom: Newsroom, slug: str):
    """Seen from outside: only the hub cuts an SSE client that goes on talking."""
    request = f"GET /v1/coverages/{slug}/events HTTP/1.1\r\nHost: a\r\n{SSE}\r\n"
    with socket.create_connection(("127.0.0.1", newsroom.server.port), timeout=PATIENCE) as line:
        line.sendall(request.encode())
        heard = b""
        while b"retry: " not in heard:
            heard += line.recv(4096)
        with pytest.raises(ConnectionError):
            _talk(line)


def _talk(line: socket.socket) -> None:
    while True:
        line.sendall(b"x" * 4097)
        line.recv(4096)
