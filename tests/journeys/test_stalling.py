"""Readers that stop reading: the server cuts them off, and they do not hold up its shutdown."""

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
TRANSPORTS = {
    "SSE": ("events", "Accept: text/event-stream\r\n"),
    "SSE, gzip": ("events", "Accept: text/event-stream\r\nAccept-Encoding: gzip\r\n"),
    "WebSocket": ("socket", _UPGRADE),
}
_HANGS = 30_000  # milliseconds until a reset counts as missing


@contextlib.contextmanager
def _staller(server: DatelineServer, transport: str) -> Iterator[socket.socket]:
    """Open a client that requests the stream, reads the status line and then nothing more."""
    path, headers = TRANSPORTS[transport]
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", server.port))
        request = f"GET /v1/coverages/{SLUG}/{path} HTTP/1.1\r\nHost: dateline\r\n{headers}\r\n"
        connection.sendall(request.encode())
        assert connection.recv(12) in {b"HTTP/1.1 200", b"HTTP/1.1 101"}
        yield connection


async def _is_cut(connection: socket.socket) -> bool:
    """Wait until a connection is reset; the kernel reports that without a read."""
    poller = select.poll()
    poller.register(connection, 0)
    return bool(await asyncio.to_thread(poller.poll, _HANGS))


async def _fill_socket_buffers(server: DatelineServer, key: str) -> None:
    """Publish more than the socket buffers of one connection hold, even compressed."""
    rng = random.Random(1)
    noise = [base64.b64encode(rng.randbytes(40_000)).decode() for _ in range(130)]
    payloads = {f"much-{n}": {"body": {"html": f"<p>{text}</p>"}} for n, text in enumerate(noise)}
    await Outbox([server.url], SLUG, key).deliver(payloads, 2)


@pytest.mark.full("its times are waited for")
async def test_a_reader_that_takes_nothing_is_cut_off(site: Site) -> None:
    """A reader that stops reading is reset after the stall time, and no longer counted as open."""
    server = site.start(stall="PT1S")
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(_staller(server, transport)) for transport in TRANSPORTS]
        await _fill_socket_buffers(server, site.key)
        for transport, connection in zip(TRANSPORTS, connections, strict=True):
            assert await _is_cut(connection), transport
    await settled(lambda: read_metric(server, "dateline_connections") == 0)


@pytest.mark.full("its times are waited for")
async def test_readers_that_take_nothing_do_not_hold_up_the_end(site: Site) -> None:
    """A server with stalled readers exits with code 0 on SIGTERM, before its drain time is over."""
    server = site.start(stall="PT2S", drain="PT200S")
    with contextlib.ExitStack() as stack:
        for transport in TRANSPORTS:
            stack.enter_context(_staller(server, transport))
        await _fill_socket_buffers(server, site.key)
        assert await asyncio.to_thread(server.stop) == 0
