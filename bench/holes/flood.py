"""Many connections of one client that send some data and then wait."""

import select
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Self

from bench.holes.newsroom import OUTSIDER, Newsroom

_PATIENCE = 5.0  # seconds to connect


class Flood:
    """Open connections from one address; the end of a `with` block closes all of them."""

    def __init__(self, newsroom: Newsroom, address: str = OUTSIDER) -> None:
        self._port = newsroom.server.port
        self._address = address
        self.lines: list[socket.socket] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        for line in self.lines:
            line.close()
        self.lines.clear()

    def open(self, number: int, data: bytes = b"") -> None:
        """Open `number` connections and send `data` on each; refused ones are dropped."""
        for _ in range(number):
            with suppress(OSError):
                line = socket.create_connection(
                    ("127.0.0.1", self._port), _PATIENCE, source_address=(self._address, 0)
                )
                self.lines.append(line)
                line.sendall(data)
        time.sleep(1)

    def ended(self) -> int:
        """Return how many connections the server has closed."""
        return sum(_is_ended(line) for line in self.lines)

    def answered(self) -> int:
        """Return how many connections have received data or been closed."""
        return len(_readable(self.lines))

    def answers(self, size: int = 65_536) -> list[bytes]:
        """Return the beginning of the data received on each, empty where none has arrived."""
        some = set(_readable(self.lines))
        return [line.recv(size) if line.fileno() in some else b"" for line in self.lines]

    def trickle(self, data: bytes, pause: float) -> None:
        """Send `data` byte by byte on each connection, with a pause after each byte."""
        for place in range(len(data)):
            for line in self.lines:
                with suppress(OSError):
                    line.sendall(data[place : place + 1])
            time.sleep(pause)


def _readable(lines: list[socket.socket]) -> list[int]:
    poll = select.poll()
    for line in lines:
        poll.register(line, select.POLLIN)
    return [descriptor for descriptor, _ in poll.poll(0)]


def _is_ended(line: socket.socket) -> bool:
    if not _readable([line]):
        return False
    try:
        return not line.recv(1, socket.MSG_PEEK)
    except OSError:
        return True


def head(
    method: str, path: str, headers: Mapping[str, str] | None = None, body: int | None = None
) -> bytes:
    """Return the head of a request.

    Args:
        method: of the request.
        path: with its query.
        headers: in addition to `Host`.
        body: the announced length in bytes; None for no body.
    """
    fields = {"Host": "bench.example", **(headers or {})}
    if body is not None:
        fields["Content-Length"] = str(body)
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode()
