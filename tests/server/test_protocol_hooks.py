"""Promises of uvicorn that the door stands on: they hold for its pinned release only."""

import asyncio
import gc
import pickle
import time
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, ClassVar

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from app.server.acceptor import Acceptor, http_protocol
from app.server.connection_limiter import ConnectionLimiter
from app.server.http_config import HttpConfig
from app.server.http_protocol import HttpProtocol
from app.server.timeouts import ReadTimeouts
from app.web.rate_limits.streams import TokenBuckets, client_key_by
from tests.web.street import HOST

App = Callable[[Any, Any, Any], Awaitable[None]]

PING = b"GET / HTTP/1.1\r\n" + HOST
OVERRIDDEN = {
    name
    for name, own in vars(HttpProtocol).items()
    if callable(own) and hasattr(HttpToolsProtocol, name)
}


class WatchedProtocol(HttpProtocol):
    """A door that knows which of its hooks uvicorn has called."""

    called: ClassVar[set[str]] = set()


def a_limiter() -> ConnectionLimiter:
    """One that nobody reaches the end of."""
    return ConnectionLimiter(
        1000, 1000, client_key_by("127.0.0.1"), TokenBuckets(1000, time.monotonic)
    )


def _watched(name: str) -> Callable[..., Any]:
    def hook(self: HttpProtocol, *given: Any, **named: Any) -> Any:
        WatchedProtocol.called.add(name)
        return getattr(HttpProtocol, name)(self, *given, **named)

    return hook


for _name in OVERRIDDEN | {"on_chunk_header"}:
    setattr(WatchedProtocol, _name, _watched(_name))


async def _echo(scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    # More than a socket takes at once, so that writing is paused.
    body = b"x" * 16 * 1024 * 1024 if scope["path"] == "/large" else b"done"
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def _open(app: App, door: Callable[..., Any]) -> AsyncIterator[int]:
    """The port of a server with that door, in this test's own loop."""
    config = uvicorn.Config(app, log_config=None, http=door, ws="websockets-sansio")
    config.load()
    made = partial(door, config=config, server_state=ServerState(), app_state={})
    server = await asyncio.get_running_loop().create_server(made, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def _say(port: int, said: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(said)
    heard = await asyncio.wait_for(reader.read(), 15)
    writer.close()
    return heard


async def test_uvicorn_calls_every_hook_that_the_door_overrides():
    """Else a limit would have gone without a word."""
    door = partial(WatchedProtocol, HttpConfig(), ReadTimeouts(), a_limiter())
    chunked = b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    async with _open(_echo, door) as port:
        assert b"done" in await _say(port, chunked + b"2\r\n{}\r\n0\r\n\r\n" + b"GARBAGE\r\n\r\n")
        assert b"done" in await _say(port, PING + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
        large = PING.replace(b"/", b"/large", 1) + b"Connection: close\r\n\r\n"
        assert b"xxxx" in await _say(port, large)
        socket = b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
        assert (await _say(port, PING + socket)).startswith(b"HTTP/1.1 400 ")
    assert WatchedProtocol.called == OVERRIDDEN | {"on_chunk_header"}


async def test_every_answer_under_way_is_told_that_its_client_has_gone():
    """Also the first of two requests that were sent ahead; the second is never begun."""
    told: asyncio.Queue[str] = asyncio.Queue()

    async def wait(scope: Any, receive: Any, send: Any) -> None:
        await told.put(scope["path"])
        await receive()
        await told.put((await receive())["type"])

    async with _open(
        wait, partial(HttpProtocol, HttpConfig(), ReadTimeouts(), a_limiter())
    ) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(PING + b"\r\n" + PING.replace(b"/", b"/second", 1) + b"\r\n")
        assert await asyncio.wait_for(told.get(), 15) == "/"
        writer.close()
        assert await asyncio.wait_for(told.get(), 15) == "http.disconnect"
    assert told.empty()


async def test_a_connection_that_has_become_a_streams_is_let_go():
    """Another protocol took it over: the door neither times it out nor keeps its memory."""
    timeouts = ReadTimeouts()
    taken: asyncio.Queue[asyncio.Transport] = asyncio.Queue()
    is_checked = asyncio.Event()

    async def take(scope: Any, receive: Any, send: Any) -> None:
        transport = send.__self__.transport
        transport.set_protocol(asyncio.Protocol())
        await taken.put(transport)
        await is_checked.wait()

    terms = HttpConfig(head_patience=0.001)
    async with _open(take, partial(HttpProtocol, terms, timeouts, a_limiter())) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(PING + b"\r\n" + PING)  # half of a second one, which nobody will finish
        transport = await asyncio.wait_for(taken.get(), 15)
        while len(timeouts):  # noqa: ASYNC110  there is no event: the door is to forget it silently
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
    """Which stops everybody while it looks for what a flood of bad requests has left behind."""
    doors: list[weakref.ref[HttpProtocol]] = []

    def open_watched(**uvicorns: Any) -> HttpProtocol:
        door = HttpProtocol(HttpConfig(), ReadTimeouts(), a_limiter(), **uvicorns)
        doors.append(weakref.ref(door))
        return door

    gc.disable()
    try:
        async with _open(_echo, open_watched) as port:
            assert (await _say(port, PING + refused + b"\r\n")).startswith(b"HTTP/1.1 4")
            async with asyncio.timeout(30):
                while doors[0]() is not None:  # noqa: ASYNC110  a missing object has no event
                    await asyncio.sleep(0.05)
    finally:
        gc.enable()


async def test_whoever_comes_too_fast_is_not_even_read():
    """No parser is made for them; one who comes slowly is served as ever."""
    made: list[str] = []

    def make_protocol(**uvicorns: Any) -> HttpProtocol:
        made.append("door")
        return HttpProtocol(HttpConfig(), ReadTimeouts(), a_limiter(), **uvicorns)

    write_limiter = TokenBuckets(1, lambda: 0.0)  # five at once, and no more
    limiter = ConnectionLimiter(1000, 1000, client_key_by("192.0.2.1"), write_limiter)
    async with _open(_echo, partial(Acceptor, limiter, make_protocol)) as port:
        for _ in range(5):
            assert b"done" in await _say(port, PING + b"Connection: close\r\n\r\n")
        with suppress(ConnectionResetError):
            assert await _say(port, PING + b"Connection: close\r\n\r\n") == b""
    assert len(made) == 5


def test_each_process_gets_a_door_of_its_own():
    """Workers are given it by pickling."""
    assert pickle.loads(pickle.dumps(http_protocol(HttpConfig())))
