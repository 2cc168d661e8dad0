"""A TCP proxy between a command and the server that loses answers and drops connections."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

_BUSY = b"HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def page(status: int, *, media_type: str = "text/html", body: str = "<h1>nginx</h1>") -> bytes:
    """Return an HTTP response as a proxy would send it in the server's place."""
    return (
        f"HTTP/1.1 {status} \r\nContent-Type: {media_type}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
    ).encode()


# None of these responses says anything about the resource that was requested.
PROXY_RESPONSES = {
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


class FaultyProxy:
    """A TCP proxy that can fail on purpose.

    Args:
        url: the server behind it.
        losing: the number of connections whose answer is read and discarded.
        busy: the number of connections that the proxy answers itself.
        answer: the response that it sends on those.
    """

    def __init__(self, url: str, losing: int = 0, busy: int = 0, answer: bytes = _BUSY) -> None:
        self._answer = answer
        self._server = (urlsplit(url).hostname, urlsplit(url).port)
        self._losing, self._busy = losing, busy
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.connections = 0
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        """The proxy's base URL."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def answer_next(self, connections: int, answer: bytes) -> None:
        """Answer the next connections in the server's place."""
        self._answer, self._busy = answer, self.connections + connections

    def cut(self) -> None:
        """Shut down every open connection."""
        while self._open:
            with contextlib.suppress(OSError):
                self._open.pop().shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Stop listening and shut down every open connection."""
        self._listener.close()
        self.cut()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.connections += 1
                if self.connections <= self._busy:
                    self._refuse(client)
                    continue
                upstream = socket.create_connection(self._server)
                self._open += [client, upstream]
                losing = self.connections <= self._busy + self._losing
                self._forward(client, upstream)
                self._forward(upstream, None if losing else client, client)

    def _refuse(self, client: socket.socket) -> None:
        client.recv(65536)
        client.sendall(self._answer)
        client.close()

    def _forward(
        self,
        source: socket.socket,
        target: socket.socket | None,
        also_close: socket.socket | None = None,
    ) -> None:
        def run() -> None:
            with contextlib.suppress(OSError):
                while chunk := source.recv(65536):
                    if target is None:
                        break  # the server has answered, and the answer is discarded
                    target.sendall(chunk)
            for peer in filter(None, (target, also_close)):
                with contextlib.suppress(OSError):
                    peer.shutdown(socket.SHUT_RDWR)

        threading.Thread(target=run, daemon=True).start()


@contextlib.contextmanager
def faulty_proxy(
    url: str, losing: int = 0, busy: int = 0, answer: bytes = _BUSY
) -> Iterator[FaultyProxy]:
    """A running `FaultyProxy` for the length of a block."""
    proxy = FaultyProxy(url, losing, busy, answer)
    try:
        yield proxy
    finally:
        proxy.close()
