"""Connects benchmark: what it costs to open a stream, beside a bare answer on a new connection.

Each round opens some thousand connections to each system, a hundred at a time, and closes them once
the first bytes of all bodies have come. The bare answer is uvicorn's own, of an application that
sends the same bytes to every request: no stream on uvicorn can cost much less.
"""

import os
import selectors
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench import installation
from bench.dateline import EVENTS, SOCKET, dateline
from bench.generators import temporary_folder
from bench.installation import PEERS
from bench.server import free_port, running
from bench.table import format_table
from bench.writes import processor_time

Say = Callable[[str], None]
BARE = "uvicorn, a bare answer"
_IN_FLIGHT = 100
_PATIENCE = 20  # seconds in which an answer has to come
_SPARE = 20  # files that the server may have opened meanwhile, such as its database
_SSE = "Accept: text/event-stream\r\n"
_SOCKET = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
_STREAMS = {
    "SSE": (EVENTS, _SSE),
    "SSE, gzip": (EVENTS, f"{_SSE}Accept-Encoding: gzip\r\n"),
    "WebSocket": (SOCKET, _SOCKET),
    "WebSocket, deflate": (
        SOCKET,
        f"{_SOCKET}Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n",
    ),
}


@dataclass
class Opening:
    """A kind of connection, and the CPU microseconds of each of its openings, one per run."""

    name: str
    pid: int
    port: int
    path: str
    headers: str = ""
    runs: list[float] = field(default_factory=list)

    def measure(self, conns: int) -> None:
        """Open and close connections, and add the server's processor time."""
        head = f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{self.headers}\r\n".encode()
        files, before = self._files(), processor_time(self.pid)
        connections = _open(self.port, head, conns)
        self.runs.append(1000 * (processor_time(self.pid) - before) / conns)
        for connection in connections:
            connection.close()
        while self._files() > files + _SPARE:  # else the next kind would pay for the ends of these
            time.sleep(0.05)

    def _files(self) -> int:
        return sum(1 for _ in Path(f"/proc/{self.pid}/fd").iterdir())


def _open(port: int, request: bytes, conns: int) -> list[socket.socket]:
    """Open connections, and return them once each has got the beginning of a body."""
    opened: list[socket.socket] = []
    answers: dict[socket.socket, bytes] = {}
    with selectors.DefaultSelector() as selector:
        while len(opened) < conns or answers:
            while len(opened) < conns and len(answers) < _IN_FLIGHT:
                opened.append(socket.create_connection(("127.0.0.1", port)))
                opened[-1].sendall(request)
                answers[opened[-1]] = b""
                selector.register(opened[-1], selectors.EVENT_READ)
            if not (ready := selector.select(_PATIENCE)):
                raise TimeoutError(f"{len(answers)} connections have got no answer")
            for key, _ in ready:
                connection = key.fileobj
                assert isinstance(connection, socket.socket)
                answers[connection] += (part := connection.recv(65536))
                if not part:
                    raise ConnectionError(answers[connection].decode(errors="replace"))
                if answers[connection].partition(b"\r\n\r\n")[2]:
                    selector.unregister(connection)
                    del answers[connection]
    return opened


@contextmanager
def bare_answer() -> Iterator[tuple[int, int]]:
    """Run uvicorn with an application that gives a bare answer; yields its process id and port."""
    port = free_port()
    with temporary_folder() as folder:
        (Path(folder) / "head").write_text("content-type: text/event-stream\ncontent-length: 6")
        (Path(folder) / "body").write_text(": hi\n\n")
        place = ["--app-dir", str(PEERS), "--port", str(port), "--timeout-keep-alive", "60"]
        quiet = ["--no-access-log", "--log-level", "warning", "--backlog", "2048"]
        command = [installation.python(), "-m", "uvicorn", "constant:app", *place, *quiet]
        environment = {**os.environ, "CONSTANT": folder}
        with running(command, port, Path(folder), environment) as process:
            yield process.pid, port


def measure_connects(programs: Sequence[Path], conns: int, runs: int, say: Say) -> list[Opening]:
    """Measure the bare answer and the streams of each checkout, alternating between them."""
    with ExitStack() as stack:
        openings = [Opening(BARE, *stack.enter_context(bare_answer()), "/")]
        for number, program in enumerate(programs):
            server = stack.enter_context(dateline(program=program))
            assert server.process
            when = "" if number == len(programs) - 1 else ", before"
            openings += [
                Opening(f"Dateline, {name}{when}", server.process.pid, server.port, *request)
                for name, request in _STREAMS.items()
            ]
        for opening in openings:  # the first of a kind prepares what later ones find
            opening.measure(_IN_FLIGHT)
            opening.runs.clear()
        for _ in range(runs):
            for opening in openings:
                opening.measure(conns)
                say(f"{opening.name}: {opening.runs[-1]:.0f} µs")
        return openings


def tabulate_connects(openings: Sequence[Opening]) -> str:
    """Return the table of the lowest figures."""
    bare = min(openings[0].runs)
    rows: list[list[float | str | None]] = [
        [opening.name, min(opening.runs), min(opening.runs) / bare] for opening in openings
    ]
    return format_table(["opened", "connect µs", "of bare answer"], rows)
