"""A proxy that cuts its connections at regular intervals."""

import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_LUMP = 65_536  # bytes
_PATIENCE = 20  # seconds to wait for a thread to end
_RESUMES = {
    "Last-Event-ID": re.compile(rb"\r\nlast-event-id: *[^\s\r]", re.IGNORECASE),
    "lastEventId=": re.compile(rb"^GET [^ ]*[?&]lastEventId=[^& ]"),
}


class Cutter:
    """A proxy on its own port.

    Args:
        port: of the server behind it.
        every: seconds between two cuts.

    Attributes:
        port: where it listens.
        cuts: the number of streams that it has cut.
        resumes: how streams were resumed: by which header or query parameter, or by neither.
    """

    def __init__(self, port: int, every: float) -> None:
        self._server = port
        self._every = every
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._lines: list[tuple[socket.socket, socket.socket]] = []
        self._is_over = threading.Event()
        self._threads: list[threading.Thread] = []
        self.port: int = self._listener.getsockname()[1]
        self.cuts = 0
        self.resumes: Counter[str] = Counter()
        self._start(self._accept)
        self._start(self._cut)

    def _start(self, run: object, *given: object) -> None:
        thread = threading.Thread(target=run, args=given)  # type: ignore[arg-type]
        thread.start()
        self._threads.append(thread)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._server))
                self._lines.append((client, server))
                self._start(self._pass, client, server, True)
                self._start(self._pass, server, client, False)

    def _cut(self) -> None:
        while not self._is_over.wait(self._every):
            self._hang_up()

    def _hang_up(self) -> None:
        lines, self._lines = self._lines, []
        for line in lines:
            self.cuts += line[0].fileno() >= 0
            for side in line:
                with suppress(OSError):
                    side.shutdown(socket.SHUT_RDWR)

    def _pass(self, source: socket.socket, target: socket.socket, is_asking: bool) -> None:
        with source, suppress(OSError):
            while lump := source.recv(_LUMP):
                if is_asking and lump.startswith(b"GET "):
                    names = [name for name, seen in _RESUMES.items() if seen.search(lump)]
                    self.resumes[" and ".join(names) or "after="] += 1
                target.sendall(lump)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Stop the proxy and close all its connections."""
        self._is_over.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        until = time.monotonic() + _PATIENCE
        while any(thread.is_alive() for thread in self._threads) and time.monotonic() < until:
            self._hang_up()
            time.sleep(0.02)


@contextmanager
def cutting(port: int, every: float) -> Iterator[Cutter]:
    """Run a proxy for the length of a block."""
    cutter = Cutter(port, every)
    try:
        yield cutter
    finally:
        cutter.close()
