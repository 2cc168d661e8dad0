"""Every kind of response that stays open, requested on raw sockets, and the slots they take."""

import re
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from tests.dateline import DatelineServer

TIMEOUT = 60.0  # seconds, for events that are certain to come
_RESET = struct.pack("ii", 1, 0)
_UPGRADE = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
)
_SSE = "Accept: text/event-stream"


@dataclass(frozen=True)
class Kind:
    """How to request a response that stays open.

    In `target` and `fields`, SLUG is a live coverage, CURSOR its head, PLAN a planned coverage and
    KEY an editor's key. `behind` is sent after the request's head.
    """

    transport: str
    target: str
    fields: tuple[str, ...] = ()
    version: str = "1.1"
    behind: str = ""


_POLL = "/v1/coverages/SLUG/events?after=CURSOR&wait=60"
_STREAM = "/v1/coverages/SLUG/events"
_SEVERAL = "/v1/events?coverage=SLUG"
_BEARER = "Authorization: Bearer KEY"
_NEXT = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"

KINDS = {
    "poll": Kind("long-poll", _POLL),
    "poll with a condition": Kind("long-poll", _POLL, ('If-None-Match: "x"',)),
    "poll with a key": Kind("long-poll", _POLL, (_BEARER,)),
    "poll whose body is on its way": Kind("long-poll", _POLL, ("Content-Length: 9",), behind="x"),
    "poll of a plan": Kind(
        "long-poll", "/v1/coverages/PLAN/events?after=0&wait=60", (_BEARER, 'If-None-Match: "x"')
    ),
    "old poll": Kind("long-poll", _POLL, version="1.0"),
    "stream": Kind("sse", _STREAM, (_SSE,)),
    "stream with a key": Kind("sse", _STREAM, (_SSE, _BEARER)),
    "stream of HTML": Kind("sse", _STREAM + "?format=html", (_SSE,)),
    "compressed stream": Kind("sse-gzip", _STREAM, (_SSE, "Accept-Encoding: gzip")),
    "old stream": Kind("sse", _STREAM, (_SSE,), version="1.0"),
    "stream with a request behind it": Kind("sse", _STREAM, (_SSE,), behind=_NEXT),
    "stream of several": Kind("sse", _SEVERAL, (_SSE,)),
    "compressed stream of several": Kind("sse-gzip", _SEVERAL, (_SSE, "Accept-Encoding: gzip")),
    "socket": Kind("websocket", "/v1/coverages/SLUG/socket", _UPGRADE),
    "compressed socket": Kind(
        "websocket",
        "/v1/coverages/SLUG/socket",
        (*_UPGRADE, "Sec-WebSocket-Extensions: permessage-deflate"),
    ),
    "desk": Kind("desk", "/v1/desk?coverage=SLUG", (_BEARER,)),
}


@dataclass(frozen=True)
class OpenResponses:
    """A server with a live and a planned coverage, and helpers that open responses on it."""

    server: DatelineServer
    slug: str
    plan: str
    key: str
    cursor: str

    def open(self, kind: Kind, address: str = "127.0.0.1", key: str = "") -> socket.socket:
        """Request a response from a local source address, with `key` in place of the own one."""
        lines = [f"GET {kind.target} HTTP/{kind.version}", "Host: a", *kind.fields, "", kind.behind]
        names = {"SLUG": self.slug, "CURSOR": self.cursor, "PLAN": self.plan}
        return self.send("\r\n".join(lines), address, {**names, "KEY": key or self.key})

    def send(self, text: str, address: str, names: dict[str, str]) -> socket.socket:
        """Send a request in which these names are replaced; returns the connection."""
        for name, value in names.items():
            text = text.replace(name, value)
        connection = socket.create_connection(
            ("127.0.0.1", self.server.port), TIMEOUT, source_address=(address, 0)
        )
        connection.sendall(text.encode())
        return connection

    def slots(self) -> dict[str, int]:
        """Return the number of slots taken by transport; transports without any are left out."""
        counts = self._figures(r'^dateline_connections\{transport="(.+)"\} (\S+)$')
        return {transport: int(float(count)) for transport, count in counts if float(count)}

    def refused(self) -> int:
        """Return how many requests have been refused for lack of a slot."""
        counts = self._figures(r"^dateline_connections_closed.*(over_limit).*\} (\S+)$")
        return sum(int(float(count)) for _, count in counts)

    def _figures(self, pattern: str) -> list[tuple[str, str]]:
        figures = httpx.get(f"{self.server.url}/metrics", timeout=TIMEOUT).text
        return re.findall(pattern, figures, re.MULTILINE)

    def until(self, predicate: Callable[[dict[str, int]], bool]) -> None:
        """Wait until the predicate is true of the slots."""
        deadline = time.monotonic() + TIMEOUT
        while not predicate(slots := self.slots()):
            assert time.monotonic() < deadline, slots
            time.sleep(0.05)


def close_sending(connection: socket.socket) -> None:
    """Close the client's side of the connection (FIN), which the server takes as its end."""
    connection.shutdown(socket.SHUT_WR)


def reset_connection(connection: socket.socket) -> None:
    """Reset the connection (RST)."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    connection.close()
