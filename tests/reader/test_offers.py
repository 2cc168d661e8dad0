"""Upgrades that are offered to the application first: the handshake is that of the library."""

import asyncio
import re
import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest
from starlette.types import Receive, Scope, Send

from app.server.takeover import is_offer
from tests.hub.harness import TIMEOUT
from tests.reader.two_doors import STREAM, Counting, Doors, doors, serving

_KEY = "dGhlIHNhbXBsZSBub25jZQ=="
_DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate"
_OFFERED = b"GET /offered HTTP/1.1\r\nHost: a.example\r\nAccept: text/event-stream\r\n"
_PING = b"\x89\x80\x00\x00\x00\x00"
_PONG = b"\x8a\x00"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """The two ports."""
    with doors(tmp_path_factory.mktemp("doors")) as opened:
        # So that the journal is followed.
        opened.open_all(f"GET /v1/coverages/SLUG/events HTTP/1.1\r\nHost: a.example\r\n{STREAM}")
        yield opened


def upgrade(
    *fields: str,
    key: str = _KEY,
    version: str = "13",
    connection: str = "Upgrade",
    protocol: str = "websocket",
    method: str = "GET",
    target: str = "/v1/coverages/SLUG/socket",
) -> str:
    """Return a request for an upgrade."""
    lines = [
        f"{method} {target} HTTP/1.1",
        "Host: live.example",
        f"Connection: {connection}",
        f"Upgrade: {protocol}",
        f"Sec-WebSocket-Key: {key}",
        f"Sec-WebSocket-Version: {version}",
        *fields,
    ]
    return "".join(f"{line}\r\n" for line in lines)


# Taken from the offer, and by the library with a protocol of its own.
TAKEN = {
    "plain": upgrade(),
    "other letter case": upgrade(connection="uPGRADE", protocol="WebSocket"),
    "several tokens": upgrade(connection="keep-alive, Upgrade"),
    "deflate": upgrade(_DEFLATE),
    "deflate with parameters": upgrade(f"{_DEFLATE}; client_max_window_bits"),
    "too small a window": upgrade(f"{_DEFLATE}; server_max_window_bits=8"),
    "two offers": upgrade(f"{_DEFLATE}; server_max_window_bits=8, permessage-deflate"),
    "unknown extension": upgrade("Sec-WebSocket-Extensions: other; a=b"),
    "subprotocols": upgrade("Sec-WebSocket-Protocol: other, dateline.v1"),
    "subprotocols in two lines": upgrade(
        "Sec-WebSocket-Protocol: other", "Sec-WebSocket-Protocol: dateline.v1"
    ),
    "escaped path": upgrade(target="/v1/coverages/SLUG/s%6fcket"),
}
LEFT = {
    "short key": upgrade(key="dGhl"),
    "no base64": upgrade(key="!" * 24),
    "wrong padding": upgrade(key="dGhlIHNhbXBsZSBub25jZR=="),
    "two keys": upgrade(f"Sec-WebSocket-Key: {_KEY}"),
    "post": upgrade(method="POST"),
    "head": upgrade(method="HEAD"),
    "another version": upgrade(version="12"),
    "another protocol": upgrade(protocol="websocket, h2c"),
    "extensions in two lines": upgrade(_DEFLATE, _DEFLATE),
    "malformed extension": upgrade(f"{_DEFLATE}; ="),
    "malformed host": upgrade().replace("live.example", "a b"),
    "absolute target": upgrade(target="http://live.example/v1/coverages/SLUG/socket"),
    "another path": upgrade(target="/v1/coverages/SLUG/sockets"),
    "a stream's path": upgrade(target="/v1/coverages/SLUG/events"),
    "an unknown stream's path": upgrade(target="/v1/coverages/nothing/events?after=0"),
    "another protocol at a stream's path": upgrade(
        protocol="h2c", target="/v1/coverages/SLUG/events"
    ),
}


def answer_of(two: Doors, port: int, request: str) -> list[bytes]:
    """Return the lines of the handshake's answer, and what follows until the first frames end."""
    with socket.create_connection(("127.0.0.1", port), TIMEOUT) as connection:
        connection.sendall(two.bytes_of(request))
        received = b""
        with suppress(OSError):
            while b"\r\n\r\n" not in received and (part := connection.recv(65536)):
                received += part
            connection.sendall(_PING)
            while not received.endswith(_PONG) and (part := connection.recv(65536)):
                received += part
    head, _, body = received.partition(b"\r\n\r\n")
    return [
        *(line for line in head.split(b"\r\n") if not line.lower().startswith(b"date:")),
        body.removesuffix(_PONG),
    ]


@pytest.mark.parametrize("name", [*TAKEN, *LEFT])
def test_a_handshake_is_answered_as_the_library_does(two: Doors, name: str) -> None:
    """The bytes of the answer are the same; the application sees no handshake that was taken."""
    answers = []
    for port in (two.without, two.with_opener):
        before = Counting.seen
        answers.append(answer_of(two, port, {**TAKEN, **LEFT}[name]))
    assert answers[0] == answers[1]
    if name in TAKEN:
        assert answers[0][0] == b"HTTP/1.1 101 Switching Protocols"
        assert Counting.seen == before


class Waiting:
    """An application that waits in a call with an offer, and accepts a connection."""

    offered_targets = re.compile(rb"/offered")

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.is_offered, self.is_called = asyncio.Event(), asyncio.Event()
        self.goes_on = asyncio.Event()

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if is_offer(receive):
            self.offer = receive.__self__  # type: ignore[attr-defined]
            self.is_offered.set()
            if self.failure:
                raise self.failure
            await self.goes_on.wait()
            return
        self.is_called.set()
        await send({"type": "websocket.accept"})
        await receive()


class Answering(Waiting):
    """An application that waits in a call with an offer, and answers a request.

    Args:
        ends: how its call with an offer ends; None once `goes_on` is set.
    """

    def __init__(self, ends: str | None = None) -> None:
        super().__init__()
        self.ends = ends

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if is_offer(receive) and self.ends:
            waited = asyncio.get_running_loop().create_future()
            if self.ends == "cancelled":
                asyncio.get_running_loop().call_soon(waited.cancel)
                await waited
            elif self.ends == "failed":
                asyncio.get_running_loop().call_soon(waited.set_exception, RuntimeError("Failed."))
                await waited
            await asyncio.sleep(0)
            return
        if is_offer(receive):
            await super().__call__(scope, receive, send)
            return
        body = f"answer to {scope['path']}".encode()
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def test_a_client_that_does_not_wait_gets_a_connection_of_its_own() -> None:
    """If a client sends frames while its upgrade is offered, the library answers it."""
    app = Waiting()
    async with serving(app, "off") as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"{upgrade()}\r\n".encode())
        await app.is_offered.wait()
        writer.write(_PING)
        await app.is_called.wait()
        assert b"HTTP/1.1 101 " in await reader.readuntil(b"\r\n\r\n")
        writer.close()
        app.goes_on.set()


async def test_a_request_that_another_follows_is_answered_first() -> None:
    """If a client sends a second request while the first is offered, both are answered in order."""
    app = Answering()
    async with serving(app, "off") as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(_OFFERED + b"\r\n")
        await app.is_offered.wait()
        writer.write(b"GET /other HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n")
        answers = await reader.read()
        assert answers.index(b"answer to /offered") < answers.index(b"answer to /other")
        app.goes_on.set()


async def test_a_request_whose_offer_is_declined_is_answered_as_ever() -> None:
    """The connection is kept for more requests, until one asks to close it."""
    app = Answering()
    app.goes_on.set()
    async with serving(app, "off") as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(_OFFERED + b"\r\n")
            assert b"answer to /offered" in await reader.readuntil(b"/offered")
        writer.write(_OFFERED + b"Connection: close\r\n\r\n")
        await reader.readuntil(b"/offered")
        with suppress(ConnectionResetError):
            writer.write(_OFFERED + b"\r\n")
            assert await reader.read() == b""
        writer.close()


@pytest.mark.parametrize("ends", ["cancelled", "failed", "later"])
async def test_a_call_that_waits_for_something_else_leaves_no_request_unanswered(
    ends: str,
) -> None:
    """However a call with an offer ends, the request is answered."""
    app = Answering(ends=ends)
    async with serving(app, "off") as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(_OFFERED + b"Connection: close\r\n\r\n")
        async with asyncio.timeout(TIMEOUT):
            assert b"answer to /offered" in await reader.read()
        writer.close()


async def test_an_offer_ends_with_its_connection() -> None:
    """If a client leaves while its upgrade is offered, the application is not called again."""
    app = Waiting()
    async with serving(app, "off") as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"{upgrade()}\r\n".encode())
        await app.is_offered.wait()
        writer.close()
        async with asyncio.timeout(TIMEOUT):
            while not app.offer.is_over:  # noqa: ASYNC110  nothing signals it
                await asyncio.sleep(0.01)
        app.goes_on.set()
    assert not app.is_called.is_set()


async def test_a_failed_offer_leaves_no_connection_without_an_answer() -> None:
    """If the call with an offer fails, the application is called with a connection."""
    app = Waiting(RuntimeError("Nobody has expected this."))
    async with serving(app, "off") as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"{upgrade()}\r\n".encode())
        assert (await reader.readline()).startswith(b"HTTP/1.1 101 ")
        writer.close()
