"""Readers that stay and take nothing: they must not cost the others anything, nor the server."""

import asyncio
import base64
import contextlib
import random
import select
import socket
from collections.abc import Iterator

import pytest

from tests.dateline import DatelineServer
from tests.journeys.outbox import Outbox
from tests.journeys.site import SLUG, Site, read_metric, settled

_UPGRADE = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
DOORS = {
    "SSE": ("events", "Accept: text/event-stream\r\n"),
    "SSE, gzip": ("events", "Accept: text/event-stream\r\nAccept-Encoding: gzip\r\n"),
    "WebSocket": ("socket", _UPGRADE),
}
_HANGS = 30_000  # milliseconds after which what has not come counts as never


@contextlib.contextmanager
def _staller(server: DatelineServer, door: str) -> Iterator[socket.socket]:
    """A client that asks for the stream, takes its head and then nothing more."""
    place, headers = DOORS[door]
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect(("127.0.0.1", server.port))
        request = f"GET /v1/coverages/{SLUG}/{place} HTTP/1.1\r\nHost: dateline\r\n{headers}\r\n"
        line.sendall(request.encode())
        assert line.recv(12) in {b"HTTP/1.1 200", b"HTTP/1.1 101"}
        yield line


async def _is_cut(line: socket.socket) -> bool:
    """Wait for the reset of a line that nobody reads: the kernel tells it without a read."""
    poller = select.poll()
    poller.register(line, 0)
    return bool(await asyncio.to_thread(poller.poll, _HANGS))


async def _publish_much(server: DatelineServer, key: str) -> None:
    """More than the kernel's buffers for one line hold, even compressed."""
    chance = random.Random(1)
    noise = [base64.b64encode(chance.randbytes(40_000)).decode() for _ in range(130)]
    things = {f"much-{n}": {"body": {"html": f"<p>{text}</p>"}} for n, text in enumerate(noise)}
    await Outbox([server.url], SLUG, key).deliver(things, 2)


@pytest.mark.full("its times are waited for")
async def test_a_reader_that_takes_nothing_is_cut_off(site: Site) -> None:
    """Its line is reset and its place given back, though it never reads what is waiting for it."""
    server = site.start(stall="PT1S")
    with contextlib.ExitStack() as stack:
        lines = [stack.enter_context(_staller(server, door)) for door in DOORS]
        await _publish_much(server, site.key)
        for door, line in zip(DOORS, lines, strict=True):
            assert await _is_cut(line), door
    await settled(lambda: read_metric(server, "dateline_connections") == 0)


@pytest.mark.full("its times are waited for")
async def test_readers_that_take_nothing_do_not_hold_up_the_end(site: Site) -> None:
    """A server that is told to stop ends, however long its drain time, with exit code 0."""
    server = site.start(stall="PT2S", drain="PT200S")
    with contextlib.ExitStack() as stack:
        for door in DOORS:
            stack.enter_context(_staller(server, door))
        await _publish_much(server, site.key)
        assert await asyncio.to_thread(server.stop) == 0
