"""Internals of uvicorn that the HTTP protocol depends on; they hold for its pinned release only."""

import asyncio
import gc
import pickle
import socket
import time
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, ClassVar

import pytest
import uvicorn
import uvloop
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from app.server.acceptor import Acceptor, http_protocol
from app.server.connection_limiter import ConnectionLimiter
from app.server.http_config import HttpConfig
from app.server.http_protocol import HttpProtocol
from app.server.timeouts import ReadTimeouts
from app.web.rate_limits.streams import TokenBuckets, client_key_by
from tests.web.raw_client import HOST

App = Callable[[Any, Any, Any], Awaitable[None]]

PING = b"GET / HTTP/1.1\r\n" + HOST
OVERRIDDEN = {
    name
    for name, method in vars(HttpProtocol).items()
    if callable(method) and hasattr(HttpToolsProtocol, name)
}


class RecordingProtocol(HttpProtocol):
    """An HTTP protocol that records which of its hooks uvicorn has called."""

    called: ClassVar[set[str]] = set()


def unlimited() -> ConnectionLimiter:
    """A limiter whose limits no test reaches."""
    return ConnectionLimiter(
        1000, 1000, client_key_by("127.0.0.1"), TokenBuckets(1000, time.monotonic)
    )


def _recorded(name: str) -> Callable[..., Any]:
    def hook(self: HttpProtocol, *args: Any, **kwargs: Any) -> Any:
        RecordingProtocol.called.add(name)
        return getattr(HttpProtocol, name)(self, *args, **kwargs)

    return hook


for _name in OVERRIDDEN | {"on_chunk_header"}:
    setattr(RecordingProtocol, _name, _recorded(_name))


async def _echo(scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    # More than a socket buffer takes, so that writing is paused.
    body = b"x" * 16 * 1024 * 1024 if scope["path"] == "/large" else b"done"
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def _open(app: App, protocol: Callable[..., Any], **options: Any) -> AsyncIterator[int]:
    """Serve the application with that protocol in the test's loop, and yield the port."""
    config = uvicorn.Config(app, log_config=None, http=protocol, ws="websockets-sansio", **options)
    config.load()
    create_protocol = partial(protocol, config=config, server_state=ServerState(), app_state={})
    server = await asyncio.get_running_loop().create_server(create_protocol, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def _send(port: int, data: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    received = await asyncio.wait_for(reader.read(), 15)
    writer.close()
    return received


async def test_uvicorn_calls_every_hook_that_the_door_overrides():
    """Every hook that `HttpProtocol` overrides is called by uvicorn, so that no limit is lost."""
    protocol = partial(RecordingProtocol, HttpConfig(), ReadTimeouts(), unlimited())
    chunked = b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    async with _open(_echo, protocol, timeout_keep_alive=0.1) as port:
        assert b"done" in await _send(port, PING + b"\r\n")
        assert b"done" in await _send(port, chunked + b"2\r\n{}\r\n0\r\n\r\n" + b"GARBAGE\r\n\r\n")
        assert b"done" in await _send(port, PING + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
        large = PING.replace(b"/", b"/large", 1) + b"Connection: close\r\n\r\n"
        assert b"xxxx" in await _send(port, large)
        upgrade = b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
        assert (await _send(port, PING + upgrade)).startswith(b"HTTP/1.1 400 ")
    assert RecordingProtocol.called == OVERRIDDEN | {"on_chunk_header"}


def test_a_request_that_came_while_the_loop_was_held_up_is_answered():
    """A connection whose next request waits to be read is not idle, and is kept."""
    protocol = partial(HttpProtocol, HttpConfig(), ReadTimeouts(), unlimited())

    async def ask_twice() -> bytes:
        async with _open(_echo, protocol, timeout_keep_alive=0.5) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(PING + b"\r\n")
            await reader.readuntil(b"done\r\n0\r\n\r\n")
            held, holder = socket.socketpair()
            loop = asyncio.get_running_loop()

            def hold_up() -> None:
                loop.remove_reader(held)
                writer.write(PING + b"\r\n")
                time.sleep(0.6)  # after what has been read, timers are next

            loop.add_reader(held, hold_up)
            holder.send(b"x")  # the time-out has begun when the response was written
            try:
                return await asyncio.wait_for(reader.readuntil(b"done"), 15)
            finally:
                writer.close()
                held.close()
                holder.close()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(ask_twice()).endswith(b"done")


async def test_every_answer_under_way_is_told_that_its_client_has_gone():
    """A request in progress gets http.disconnect; a pipelined one after it is never started."""
    messages: asyncio.Queue[str] = asyncio.Queue()

    async def wait(scope: Any, receive: Any, send: Any) -> None:
        await messages.put(scope["path"])
        await receive()
        await messages.put((await receive())["type"])

    async with _open(
        wait, partial(HttpProtocol, HttpConfig(), ReadTimeouts(), unlimited())
    ) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(PING + b"\r\n" + PING.replace(b"/", b"/second", 1) + b"\r\n")
        assert await asyncio.wait_for(messages.get(), 15) == "/"
        writer.close()
        assert await asyncio.wait_for(messages.get(), 15) == "http.disconnect"
    assert messages.empty()


async def test_a_connection_that_has_become_a_streams_is_let_go():
    """A connection that another protocol has taken over is disarmed and stays open."""
    timeouts = ReadTimeouts()
    transports: asyncio.Queue[asyncio.Transport] = asyncio.Queue()
    is_checked = asyncio.Event()

    async def take_over(scope: Any, receive: Any, send: Any) -> None:
        transport = send.__self__.transport
        transport.set_protocol(asyncio.Protocol())
        await transports.put(transport)
        await is_checked.wait()

    config = HttpConfig(head_patience=0.001)
    async with _open(take_over, partial(HttpProtocol, config, timeouts, unlimited())) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(PING + b"\r\n" + PING)  # half of a second request, which is never completed
        transport = await asyncio.wait_for(transports.get(), 15)
        while len(timeouts):  # noqa: ASYNC110  nothing signals it
            await asyncio.sleep(0.05)
        assert not transport.is_closing()
        is_checked.set()
        writer.close()


@pytest.mark.parametrize(
    "refused",
    [
        pytest.param(
            b"Content-Length: 1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n", id="body"
        ),
        pytest.param(
            b"X: " + b"x" * 20_000 + b"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n", id="line"
        ),
        pytest.param(b"X: " + b"x" * 40_000 + b"\r\n", id="head"),
        pytest.param(b"no field at all\r\n", id="syntax"),
    ],
)
async def test_a_refused_connection_leaves_nothing_to_the_garbage_collector(refused: bytes):
    """A refused connection is freed by reference counting, without a pause of the collector."""
    protocols: list[weakref.ref[HttpProtocol]] = []

    def create_watched(**kwargs: Any) -> HttpProtocol:
        protocol = HttpProtocol(HttpConfig(), ReadTimeouts(), unlimited(), **kwargs)
        protocols.append(weakref.ref(protocol))
        return protocol

    gc.disable()
    try:
        async with _open(_echo, create_watched) as port:
            assert (await _send(port, PING + refused + b"\r\n")).startswith(b"HTTP/1.1 4")
            async with asyncio.timeout(30):
                while protocols[0]() is not None:  # noqa: ASYNC110  nothing signals it
                    await asyncio.sleep(0.05)
    finally:
        gc.enable()


async def test_whoever_comes_too_fast_is_not_even_read():
    """Beyond the rate of new connections no HTTP protocol is created for an address."""
    created: list[str] = []

    def make_protocol(**kwargs: Any) -> HttpProtocol:
        created.append("door")
        return HttpProtocol(HttpConfig(), ReadTimeouts(), unlimited(), **kwargs)

    buckets = TokenBuckets(1, lambda: 0.0)  # five at once, and no more
    limiter = ConnectionLimiter(1000, 1000, client_key_by("192.0.2.1"), buckets)
    async with _open(_echo, partial(Acceptor, limiter, make_protocol)) as port:
        for _ in range(5):
            assert b"done" in await _send(port, PING + b"Connection: close\r\n\r\n")
        with suppress(ConnectionResetError):
            assert await _send(port, PING + b"Connection: close\r\n\r\n") == b""
    assert len(created) == 5


def test_each_process_gets_a_door_of_its_own():
    """The protocol can be pickled, as it is for worker processes."""
    assert pickle.loads(pickle.dumps(http_protocol(HttpConfig())))
