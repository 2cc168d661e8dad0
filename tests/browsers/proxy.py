"""A proxy between a browser and a server, which does to their lines what networks do.

It knows of HTTP no more than that a request for a stream says so in its head.
"""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

_LUMP = 65_536  # bytes
_PATIENCE = 10  # seconds for a thread to end

# The pieces in which a block of a stream goes on; none, and it is lost.
Edit = Callable[[bytes], Iterable[bytes]]


class Proxy:
    """Lines to a server, each of which a test can spoil.

    Args:
        port: the server's.
        name: of this machine, under which browsers find the proxy.

    Attributes:
        is_away: nobody gets through; as when the network is gone.
        holds_streams: a stream is held back until its end, as by a proxy that buffers.
        edit: what becomes of each block of the streams that are opened from now on.
        streams: how many have been asked for.
        holds: how a request begins of which the answer is held back for as long as this says so.
        held: how many of those there were.
        loses: how a request begins of which the answer never arrives, though the server gave it.
        lost: how many of those there were.
        answer: what everybody is answered in the server's place; as by a proxy during a deploy.
        answered: how many of those there were.
        most_long_lines: how many streams were open at a time.
    """

    def __init__(self, port: int, name: str = "127.0.0.1") -> None:
        self._port = port
        self._doors = socket.create_server((socket.gethostbyname(name), 0), backlog=64)
        self._lines: list[_Line] = []
        self.url = f"http://{name}:{self._doors.getsockname()[1]}"
        self.answer: bytes | None = None
        self.answered = 0
        self.most_long_lines = 0
        self.is_away = False
        self.holds_streams = False
        self.edit: Edit | None = None
        self.streams = 0
        self.holds: bytes | None = None
        self.held = 0
        self.loses: bytes | None = None
        self.lost = 0
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._doors.accept()
                if self.is_away:
                    client.close()
                    continue
                with suppress(ConnectionRefusedError):
                    server = socket.create_connection(("127.0.0.1", self._port))
                    self._lines.append(_Line(self, client, server))
                    continue
                client.close()

    @property
    def long_lines(self) -> int:
        """How many streams are open."""
        return sum(line.is_long for line in self._lines)

    def go_dead(self) -> None:
        """Forward nothing more on the lines that there are, without a word to anybody."""
        for line in self._lines:
            line.is_dead = True

    def hang_up(self) -> None:
        """End the lines that there are."""
        for line in self._lines:
            line.hang_up()

    def close(self) -> None:
        """End it, with all its lines."""
        self._doors.shutdown(socket.SHUT_RDWR)
        self._doors.close()
        self._accepting.join(_PATIENCE)
        self.holds = None
        for line in self._lines:
            line.close()


class _Line:
    """A browser's connection and its counterpart."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self._is_stream = False
        self._is_held = False
        self._is_lost = False
        self.is_long = False
        self.is_dead = False
        self._threads = [threading.Thread(target=run) for run in (self._ask, self._answer)]
        for thread in self._threads:
            thread.start()

    def _ask(self) -> None:
        for lump in self._read(self._client):
            told = lump
            if self._proxy.answer is not None:
                self._proxy.answered += 1
                self._pass(self._client, [self._proxy.answer])
                _hang_up(self._client)
                break
            self.is_long = b"accept: text/event-stream" in lump.lower()
            self._proxy.most_long_lines = max(self._proxy.most_long_lines, self._proxy.long_lines)
            if self._proxy.holds and lump.startswith(self._proxy.holds):
                self._is_held = True
                self._proxy.held += 1
            self._is_lost |= bool(self._proxy.loses and lump.startswith(self._proxy.loses))
            if b"accept: text/event-stream" in lump.lower():
                self._proxy.streams += 1
                self._is_stream = True
                if self._proxy.edit:
                    told = _in_the_open(lump)
            self._pass(self._server, [told])
        self.is_long = False
        _hang_up(self._server)

    def _answer(self) -> None:
        held = b""
        for lump in self._read(self._server):
            self._wait_if_held()
            if self._is_lost:
                self._proxy.lost += 1
                break
            if not self._is_stream:
                self._pass(self._client, [lump])
            elif self._proxy.holds_streams:
                held += lump
            elif edit := self._proxy.edit:
                *blocks, held = re.split(rb"(?<=\n\n)|(?<=\r\n\r\n)", held + lump)
                for block in blocks:
                    self._pass(self._client, edit(block))
            else:
                self._pass(self._client, [lump])
        self._pass(self._client, [held])
        if not self.is_dead:
            _hang_up(self._client)

    def _wait_if_held(self) -> None:
        while self._is_held and self._proxy.holds:
            time.sleep(0.02)

    def _read(self, side: socket.socket) -> Iterator[bytes]:
        with suppress(OSError):
            while lump := side.recv(_LUMP):
                yield lump

    def _pass(self, side: socket.socket, pieces: Iterable[bytes]) -> None:
        with suppress(OSError):
            for piece in pieces:
                if not self.is_dead:
                    side.sendall(piece)

    def hang_up(self) -> None:
        for side in (self._client, self._server):
            _hang_up(side)

    def close(self) -> None:
        self.hang_up()
        for thread in self._threads:
            thread.join(_PATIENCE)
        self._client.close()
        self._server.close()


def _in_the_open(request: bytes) -> bytes:
    """A request to which the answer is plain text without frames of HTTP's own."""
    told = request.replace(b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", 1)
    return re.sub(rb"(?i)accept-encoding:", b"X-Accepted:", told, count=1)


def _hang_up(side: socket.socket) -> None:
    with suppress(OSError):
        side.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxy_to(port: int, name: str = "127.0.0.1") -> Iterator[Proxy]:
    """A proxy for the length of a block."""
    proxy = Proxy(port, name)
    try:
        yield proxy
    finally:
        proxy.close()
