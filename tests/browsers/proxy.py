"""A TCP proxy between a browser and a server that imitates faults of networks and proxies.

Of HTTP it knows only how a request for a stream is recognised by its head.
"""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

_CHUNK = 65_536  # bytes
_JOIN_TIMEOUT = 10  # seconds
_END_TIMEOUT = 60  # seconds

# Returns the pieces by which a block of a stream is forwarded; with none the block is lost.
Edit = Callable[[bytes], Iterable[bytes]]


class Proxy:
    """A proxy to one server, with faults that a test can switch on.

    Args:
        port: The server's port.
        name: The host name of this machine by which browsers find the proxy.

    Attributes:
        is_offline: New connections are closed at once, as without a network.
        holds_streams: A stream is held back until its end, as by a buffering proxy.
        edit: Applied to each block of the streams that are opened from now on.
        streams: Number of streams requested.
        holds: First bytes of the requests whose answers are held back until this is None.
        held: Number of those requests.
        loses: First bytes of the requests whose answers are dropped.
        lost: Number of those answers.
        answer: Sent to every request in the server's place, as by a proxy during a deploy.
        answers: Sent in the server's place to the requests that begin with these bytes.
        answered: Number of answers in the server's place.
        max_open_streams: Highest number of streams that were open at the same time.
    """

    def __init__(self, port: int, name: str = "127.0.0.1") -> None:
        self._port = port
        self._listener = socket.create_server((socket.gethostbyname(name), 0), backlog=64)
        self._connections: list[_Connection] = []
        self.url = f"http://{name}:{self._listener.getsockname()[1]}"
        self.answer: bytes | None = None
        self.answers: dict[bytes, bytes] = {}
        self.answered = 0
        self.max_open_streams = 0
        self.is_offline = False
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
                client, _ = self._listener.accept()
                if self.is_offline:
                    client.close()
                    continue
                with suppress(ConnectionRefusedError):
                    server = socket.create_connection(("127.0.0.1", self._port))
                    self._connections.append(_Connection(self, client, server))
                    continue
                client.close()

    @property
    def open_streams(self) -> int:
        """The number of open streams."""
        return sum(connection.has_open_stream for connection in self._connections)

    def wait_until_streams_end(self) -> None:
        """Wait until no stream is open.

        Raises:
            AssertionError: One is still open after a minute.
        """
        deadline = time.monotonic() + _END_TIMEOUT
        while self.open_streams:
            assert time.monotonic() < deadline, f"{self.open_streams} streams are open"
            time.sleep(0.02)

    def stall(self) -> None:
        """Stop forwarding on the open connections, without closing them."""
        for connection in self._connections:
            connection.is_stalled = True

    def disconnect(self) -> None:
        """Close the open connections."""
        for connection in self._connections:
            connection.disconnect()

    def close(self) -> None:
        """Close the proxy and all its connections."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join(_JOIN_TIMEOUT)
        self.holds = None
        for connection in self._connections:
            connection.close()


class _Connection:
    """A browser's connection and its counterpart to the server."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self._is_stream = False
        self._is_held = False
        self._is_lost = False
        self.has_open_stream = False
        self.is_stalled = False
        self._threads = [
            threading.Thread(target=run) for run in (self._forward_requests, self._forward_answers)
        ]
        for thread in self._threads:
            thread.start()

    def _forward_requests(self) -> None:
        for chunk in self._read(self._client):
            forwarded = chunk
            answers = self._proxy.answers.items()
            own = [answer for start, answer in answers if chunk.startswith(start)]
            if (answer := self._proxy.answer or next(iter(own), None)) is not None:
                self._proxy.answered += 1
                self._send(self._client, [answer])
                _shut_down(self._client)
                break
            self.has_open_stream = b"accept: text/event-stream" in chunk.lower()
            self._proxy.max_open_streams = max(
                self._proxy.max_open_streams, self._proxy.open_streams
            )
            if self._proxy.holds and chunk.startswith(self._proxy.holds):
                self._is_held = True
                self._proxy.held += 1
            self._is_lost |= bool(self._proxy.loses and chunk.startswith(self._proxy.loses))
            if b"accept: text/event-stream" in chunk.lower():
                self._proxy.streams += 1
                self._is_stream = True
                if self._proxy.edit:
                    forwarded = _as_plain_http10(chunk)
            self._send(self._server, [forwarded])
        self.has_open_stream = False
        _shut_down(self._server)

    def _forward_answers(self) -> None:
        held = b""
        for chunk in self._read(self._server):
            self._wait_if_held()
            if self._is_lost:
                self._proxy.lost += 1
                break
            if not self._is_stream:
                self._send(self._client, [chunk])
            elif self._proxy.holds_streams:
                held += chunk
            elif edit := self._proxy.edit:
                *blocks, held = re.split(rb"(?<=\n\n)|(?<=\r\n\r\n)", held + chunk)
                for block in blocks:
                    self._send(self._client, edit(block))
            else:
                self._send(self._client, [chunk])
        self._send(self._client, [held])
        if not self.is_stalled:
            _shut_down(self._client)

    def _wait_if_held(self) -> None:
        while self._is_held and self._proxy.holds:
            time.sleep(0.02)

    def _read(self, side: socket.socket) -> Iterator[bytes]:
        with suppress(OSError):
            while chunk := side.recv(_CHUNK):
                yield chunk

    def _send(self, side: socket.socket, chunks: Iterable[bytes]) -> None:
        with suppress(OSError):
            for chunk in chunks:
                if not self.is_stalled:
                    side.sendall(chunk)

    def disconnect(self) -> None:
        for side in (self._client, self._server):
            _shut_down(side)

    def close(self) -> None:
        self.disconnect()
        for thread in self._threads:
            thread.join(_JOIN_TIMEOUT)
        self._client.close()
        self._server.close()


def _as_plain_http10(request: bytes) -> bytes:
    """Return the request as HTTP/1.0 without compression, so that its answer has plain blocks."""
    forwarded = request.replace(b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", 1)
    return re.sub(rb"(?i)accept-encoding:", b"X-Accepted:", forwarded, count=1)


def _shut_down(side: socket.socket) -> None:
    with suppress(OSError):
        side.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxy_to(port: int, name: str = "127.0.0.1") -> Iterator[Proxy]:
    """Run a proxy during the block."""
    proxy = Proxy(port, name)
    try:
        yield proxy
    finally:
        proxy.close()
