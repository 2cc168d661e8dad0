"""Polls benchmark: the processor time of a repeated read of history, in one checkout or two.

A dashboard keeps its connection, and asks for the same address again and again. Each round sends
some thousand requests of each kind to each checkout, one after the other, and reads the processor
time of the server before and after. The checkouts take turns within a round, so that other load on
the machine affects both alike. The bare answer is uvicorn's own, of an application that sends the
same bytes to every request.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

from bench.connects import BARE, bare_answer
from bench.dateline import ENTRIES, EVENTS, SLUG, dateline, marked_entry
from bench.table import format_table
from bench.writes import processor_time

Say = Callable[[str], None]
_ENTRIES = 25
_WARM = 200  # requests of each kind that load what is loaded when it is first needed
# The addresses, and whether the client has the answer already (304).
_READS = {
    "20 entries": (f"{ENTRIES}?limit=20", False),
    "1 entry": (f"{ENTRIES}?limit=1", False),
    "20 entries, 304": (f"{ENTRIES}?limit=20", True),
    "events page, 304": (f"{EVENTS}?after=0&limit=20", True),
    "reader page": (f"/coverages/{SLUG}", False),
}


@dataclass
class Poll:
    """A kind of read, and the CPU microseconds of each, one figure per round."""

    name: str
    pid: int
    port: int
    path: str
    is_conditional: bool = False
    runs: list[float] = field(default_factory=list)

    def measure(self, times: int) -> None:
        """Send requests over one connection, and add the server's processor time."""
        connection = HTTPConnection("127.0.0.1", self.port)
        etag = self._read(connection, {}, HTTPStatus.OK)
        headers = {"If-None-Match": etag} if self.is_conditional and etag else {}
        status = HTTPStatus.NOT_MODIFIED if headers else HTTPStatus.OK
        before = processor_time(self.pid)
        for _ in range(times):
            self._read(connection, headers, status)
        self.runs.append(1000 * (processor_time(self.pid) - before) / times)
        connection.close()

    def _read(
        self, connection: HTTPConnection, headers: dict[str, str], expected: HTTPStatus
    ) -> str | None:
        connection.request("GET", self.path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != expected:
            raise RuntimeError(f"{self.path} was answered with {answer.status}")
        return answer.getheader("etag")


def measure_polls(programs: Sequence[Path], times: int, runs: int, say: Say) -> list[Poll]:
    """Measure the bare answer and the reads of each checkout, in turn."""
    with ExitStack() as stack:
        polls = [Poll(BARE, *stack.enter_context(bare_answer()), "/")]
        servers = []
        for program in programs:
            server = stack.enter_context(dateline(program=program))
            assert server.process
            with server.client() as tool:
                for _ in range(_ENTRIES):
                    tool.post(ENTRIES, json=marked_entry()).raise_for_status()
            servers.append((server.process.pid, server.port))
        for name, read in _READS.items():
            for number, server_of in enumerate(servers):
                when = "" if number == len(servers) - 1 else ", before"
                polls.append(Poll(f"Dateline, {name}{when}", *server_of, *read))
        for poll in polls:
            poll.measure(_WARM)
            poll.runs.clear()
        for number in range(runs):
            for poll in polls if number % 2 else reversed(polls):
                poll.measure(times)
            say(f"round {number + 1} of {runs}")
        return polls


def tabulate_polls(polls: Sequence[Poll]) -> str:
    """Return the table of the lowest figures."""
    bare = min(polls[0].runs)
    rows: list[list[float | str | None]] = [
        [poll.name, min(poll.runs), min(poll.runs) / bare] for poll in polls
    ]
    return format_table(["read again", "CPU µs", "of bare answer"], rows)
