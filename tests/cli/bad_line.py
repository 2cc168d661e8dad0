"""A line between a tool and a server that loses answers and is cut."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

_BUSY = b"HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def page(status: int, *, media_type: str = "text/html", body: str = "<h1>nginx</h1>") -> bytes:
    """What a proxy answers in the server's place, to begin with."""
    return (
        f"HTTP/1.1 {status} \r\nContent-Type: {media_type}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
    ).encode()


# Each says nothing about what was asked for.
FOREIGN_ANSWERS = {
    "404": page(404),
    "502": page(502),
    "a status that only a provider knows": page(521),
    "a page with 200": page(200),
    "a redirect for now": page(302),
    "a problem of somebody else": page(
        404, media_type="application/problem+json", body='{"type": "about:blank", "status": 404}'
    ),
    "no JSON": page(503, media_type="application/problem+json", body="Sorry"),
    "no body": b"HTTP/1.1 403 \r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
}


class BadLine:
    """A forwarder of connections.

    Args:
        url: the server behind it.
        losing: of so many connections the answer is read and thrown away.
        busy: so many connections are answered by the line itself.
        answer: what it answers them.
    """

    def __init__(self, url: str, losing: int = 0, busy: int = 0, answer: bytes = _BUSY) -> None:
        self._answer = answer
        self._server = (urlsplit(url).hostname, urlsplit(url).port)
        self._losing, self._busy = losing, busy
        self._door = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.connections = 0
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        """Where a tool reaches the server through it."""
        return f"http://127.0.0.1:{self._door.getsockname()[1]}"

    def answer_next(self, connections: int, answer: bytes) -> None:
        """Answer the next connections in the server's place."""
        self._answer, self._busy = answer, self.connections + connections

    def cut(self) -> None:
        """Cut every connection that is open."""
        while self._open:
            with contextlib.suppress(OSError):
                self._open.pop().shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Take no more connections."""
        self._door.close()
        self.cut()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._door.accept()
                self.connections += 1
                if self.connections <= self._busy:
                    self._refuse(near)
                    continue
                far = socket.create_connection(self._server)
                self._open += [near, far]
                losing = self.connections <= self._busy + self._losing
                self._carry(near, far)
                self._carry(far, None if losing else near, near)

    def _refuse(self, near: socket.socket) -> None:
        near.recv(65536)
        near.sendall(self._answer)
        near.close()

    def _carry(
        self,
        source: socket.socket,
        target: socket.socket | None,
        loser: socket.socket | None = None,
    ) -> None:
        def run() -> None:
            with contextlib.suppress(OSError):
                while piece := source.recv(65536):
                    if target is None:
                        break  # the server has answered, and nobody is told
                    target.sendall(piece)
            for end in filter(None, (target, loser)):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

        threading.Thread(target=run, daemon=True).start()


@contextlib.contextmanager
def bad_line(url: str, losing: int = 0, busy: int = 0, answer: bytes = _BUSY) -> Iterator[BadLine]:
    """Such a line for the length of a block."""
    line = BadLine(url, losing, busy, answer)
    try:
        yield line
    finally:
        line.close()
