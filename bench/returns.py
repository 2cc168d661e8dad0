"""Returns benchmark: all readers connect at once, as after a restart, and wait for their stream.

The server has its default limits. The readers have a thousand addresses of the loopback network, so
that no address reaches its own limits. A reader's time runs from the first connection of all to the
first event of its stream; it includes the work of this process, which runs on the same processors.
"""

import selectors
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bench.dateline import ENTRIES, EVENTS, Dateline, dateline, marked_entry
from bench.table import format_table
from bench.writes import processor_time

Say = Callable[[str], None]
_REQUEST = (
    f"GET {EVENTS} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n"
    "Last-Event-ID: \r\n\r\n"
).encode()
_LIMITS = {"DATELINE_LOG_LEVEL": "warning"}
_WARM_UP = 100  # readers that come before, whose figures do not count
_PATIENCE = 120.0  # seconds in which all streams have to begin
_AT_ONCE = 200  # connections that are opened before this process looks for answers
_REST = 2.0  # seconds in which the server forgets the readers before


@dataclass
class Return:
    """The readers of one server who return at once.

    `seconds` are until each stream began, ascending; `refused` is how many got no stream; `cpu` is
    the server's processor time for each reader in microseconds.
    """

    name: str
    readers: int
    seconds: list[float] = field(default_factory=list)
    refused: int = 0
    cpu: float = 0.0

    def share(self, part: float) -> float | None:
        """Return the seconds within which that part of the streams has begun."""
        return self.seconds[int((len(self.seconds) - 1) * part)] if self.seconds else None


def measure_returns(
    programs: Sequence[Path], conns: Sequence[int], runs: int, say: Say
) -> list[Return]:
    """Measure each number of readers with each checkout.

    Of several runs the one with the lowest 99th percentile counts.
    """
    found: list[Return] = []
    for number, program in enumerate(programs):
        name = "Dateline" if number == len(programs) - 1 else "Dateline, before"
        with dateline(program=program, limits=_LIMITS) as server:
            with server.client() as client:
                client.post(ENTRIES, json=marked_entry()).raise_for_status()
            _return(server, Return(name, _WARM_UP))
            for readers in conns:
                tries = []
                for _ in range(runs):
                    time.sleep(_REST)
                    tries.append(_return(server, Return(name, readers)))
                    say(f"{name}, {readers} readers: {tries[-1].share(0.99):.2f} s")
                found.append(min(tries, key=lambda each: each.share(0.99) or _PATIENCE))
    return found


def _return(server: Dateline, readers: Return) -> Return:
    """Connect all readers, and close their connections once all streams have begun."""
    assert server.process
    before = processor_time(server.process.pid)
    with ExitStack() as connections, selectors.DefaultSelector() as selector:
        began = time.monotonic()

        def look(timeout: float) -> None:
            for key, events in selector.select(timeout):
                _advance(selector, key, events, readers, began)

        for number in range(readers.readers):
            connection = connections.enter_context(socket.socket())
            connection.setblocking(False)
            connection.bind((f"127.0.{1 + number % 1000 // 200}.{1 + number % 200}", 0))
            connection.connect_ex(("127.0.0.1", server.port))
            selector.register(connection, selectors.EVENT_WRITE)
            if not number % _AT_ONCE:
                look(0)
        while selector.get_map():
            if time.monotonic() > began + _PATIENCE:
                raise TimeoutError(f"{len(selector.get_map())} streams have not begun")
            look(1.0)
    readers.seconds.sort()
    readers.cpu = 1000 * (processor_time(server.process.pid) - before) / readers.readers
    return readers


def _advance(
    selector: selectors.BaseSelector,
    key: selectors.SelectorKey,
    events: int,
    readers: Return,
    began: float,
) -> None:
    """Send a connection's request, or read what has come of its answer."""
    connection = key.fileobj
    assert isinstance(connection, socket.socket)
    try:
        if events & selectors.EVENT_WRITE:
            connection.send(_REQUEST)
            selector.modify(connection, selectors.EVENT_READ, b"")
            return
        part = connection.recv(65536)
    except OSError:
        part = b""
    answer = (key.data or b"") + part
    if part and answer.startswith(b"HTTP/1.1 200 "[: len(answer)]):
        if b"\nid: " not in answer:
            selector.modify(connection, selectors.EVENT_READ, answer)
            return
        readers.seconds.append(time.monotonic() - began)
    else:
        readers.refused += 1
    selector.unregister(connection)


def tabulate_returns(returns: Sequence[Return]) -> str:
    """Return the table."""
    rows: list[list[float | str | None]] = [
        [each.name, each.readers, each.refused, each.share(0.5), each.share(0.99), each.cpu]
        for each in returns
    ]
    columns = ["readers who return", "number", "refused", "p50 s", "p99 s", "server's CPU µs each"]
    return format_table(columns, rows)
