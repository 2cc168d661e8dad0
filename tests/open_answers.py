"""Every kind of answer that stays open, asked for on raw sockets, and the places that they hold."""

import re
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from tests.dateline import DatelineServer

PATIENCE = 60.0  # seconds for something that is sure to come
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
    """How an answer that stays open is asked for.

    In `target` and `fields`, SLUG is a live coverage, CURSOR its head, PLAN a planned one and KEY
    an editor's key. `behind` is sent behind the head.
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
class Asking:
    """A server with a live coverage and a planned one, to be asked for answers that stay open."""

    server: DatelineServer
    slug: str
    plan: str
    key: str
    cursor: str

    def open(self, kind: Kind, address: str = "127.0.0.1", key: str = "") -> socket.socket:
        """Ask for one from an address of this machine; with another key if one is given."""
        lines = [f"GET {kind.target} HTTP/{kind.version}", "Host: a", *kind.fields, "", kind.behind]
        names = {"SLUG": self.slug, "CURSOR": self.cursor, "PLAN": self.plan}
        return self.send("\r\n".join(lines), address, {**names, "KEY": key or self.key})

    def send(self, text: str, address: str, names: dict[str, str]) -> socket.socket:
        """Send a request, with these names in it."""
        for name, value in names.items():
            text = text.replace(name, value)
        line = socket.create_connection(
            ("127.0.0.1", self.server.port), PATIENCE, source_address=(address, 0)
        )
        line.sendall(text.encode())
        return line

    def places(self) -> dict[str, int]:
        """How many places are taken, by transport; none where there are none."""
        found = self._figures(r'^dateline_connections\{transport="(.+)"\} (\S+)$')
        return {transport: int(float(count)) for transport, count in found if float(count)}

    def refused(self) -> int:
        """How many have found no place so far."""
        found = self._figures(r"^dateline_connections_closed.*(over_limit).*\} (\S+)$")
        return sum(int(float(count)) for _, count in found)

    def _figures(self, pattern: str) -> list[tuple[str, str]]:
        figures = httpx.get(f"{self.server.url}/metrics", timeout=PATIENCE).text
        return re.findall(pattern, figures, re.MULTILINE)

    def until(self, so: Callable[[dict[str, int]], bool]) -> None:
        """Wait until that is so of the places."""
        until = time.monotonic() + PATIENCE
        while not so(places := self.places()):
            assert time.monotonic() < until, places
            time.sleep(0.05)


def leave_softly(line: socket.socket) -> None:
    """Close our side (FIN), and be gone for the server by that."""
    line.shutdown(socket.SHUT_WR)


def leave_hard(line: socket.socket) -> None:
    """Reset the connection (RST)."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    line.close()
