"""Proxy checks: whether a stream, a long-poll, a WebSocket and conditional requests pass."""

import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass

import httpx
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from bench.dateline import ENTRIES, EVENTS, SOCKET, Dateline
from bench.outage import publish

_TIMES = 3  # events to wait for, one after the other
_AHEAD = 0.1  # seconds between a reader's request and the publication of an event
_PATIENCE = 20.0  # seconds; an event that takes longer counts as held back


@dataclass(frozen=True)
class ProxyChecks:
    """The results of one proxy.

    Attributes:
        stream, long_poll, socket: milliseconds from the POST at the server itself until the event
            arrived, the maximum; None if one did not arrive.
        tag: the ETag of an entry's first revision, as the proxy sends it to a client with gzip.
        amended: the status of a PATCH with that tag.
        unchanged: the status of a GET with that tag.
    """

    stream: float | None
    long_poll: float | None
    socket: float | None
    tag: str
    amended: int
    unchanged: int


def check_proxy(server: Dateline, url: str) -> ProxyChecks:
    """Test each way of reading, and a conditional change.

    Args:
        server: the server behind the proxy.
        url: the proxy's address.
    """
    tag, unchanged, amended = _condition(server, url)
    return ProxyChecks(
        stream=_longest(server, lambda: _stream(url)),
        long_poll=_longest(server, lambda: _long_polls(server, url)),
        socket=_longest(server, lambda: _socket(url)),
        tag=tag,
        amended=amended,
        unchanged=unchanged,
    )


def _longest(server: Dateline, read: Callable[[], Generator[None, None, None]]) -> float | None:
    """Publish while a client reads; `read` yields once when ready, and then for each event."""
    longest = 0.0
    try:
        with closing(read()) as reading:
            next(reading)
            for _ in range(_TIMES):
                # After the request of a long-poll.
                publishing = threading.Timer(_AHEAD, publish, [server])
                begun = time.monotonic() + _AHEAD
                publishing.start()
                next(reading)
                longest = max(longest, time.monotonic() - begun)
                publishing.join()
    except (httpx.HTTPError, WebSocketException, TimeoutError, OSError, StopIteration):
        return None
    return longest * 1000


def _stream(url: str) -> Generator[None, None, None]:
    headers = {"Accept": "text/event-stream"}
    with httpx.stream("GET", f"{url}{EVENTS}", headers=headers, timeout=_PATIENCE) as answer:
        answer.raise_for_status()
        for line in answer.iter_lines():
            if line.startswith(("retry:", "data:")):
                yield


def _long_polls(server: Dateline, url: str) -> Generator[None, None, None]:
    cursor = server.cursor()
    yield
    with httpx.Client(base_url=url, timeout=_PATIENCE) as client:
        while True:
            query = {"after": cursor, "wait": "15"}
            page = client.get(EVENTS, params=query).raise_for_status().json()
            cursor = page["cursor"]
            if page["events"]:
                yield


def _socket(url: str) -> Generator[None, None, None]:
    address = url.replace("http://", "ws://") + SOCKET
    with connect(address, open_timeout=_PATIENCE, close_timeout=1) as socket:
        while True:
            socket.recv(timeout=_PATIENCE)
            yield


def _condition(server: Dateline, url: str) -> tuple[str, int, int]:
    place = f"{ENTRIES}/{publish(server)}"
    key = {"Authorization": f"Bearer {server.key}"}
    with httpx.Client(base_url=url, headers=key, timeout=_PATIENCE) as client:
        tag = client.get(place).headers.get("etag", "none")
        again = client.get(place, headers={"If-None-Match": tag})
        amended = client.patch(place, headers={"If-Match": tag}, json={"body": "Three engines."})
    return tag, again.status_code, amended.status_code
