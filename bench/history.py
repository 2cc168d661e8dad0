"""The second table: the cost of a read of history, beside a constant response and a plain query.

All systems run at once, idle while another one is measured; the runs alternate between them.
"""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bench.dateline import ENTRIES, EVENTS, Dateline, dateline
from bench.generators import Figures, start_fanload, start_readload, temporary_folder
from bench.installation import PEERS
from bench.server import Target, free_port, running
from bench.table import format_table

Say = Callable[[str], None]
HEADS = ("read", "a second", "of bare answer", "CPU µs each", "p50 ms", "p99 ms", "bytes", "core %")
ASKERS, POLLERS = 16, 1000


@dataclass
class Read:
    """One row: a request to a system, and its results.

    Attributes:
        beside: the row whose rate this one is compared with; None for no comparison.
        rate: requests per second in all; 0 for as many as possible.
        status: the expected status of every response.
    """

    name: str
    target: Target
    path: str
    beside: str | None = None
    headers: tuple[str, ...] = ()
    conns: int = ASKERS
    rate: float = 0
    status: int = 200
    runs: list[Figures] = field(default_factory=list)

    def ask(self, seconds: float) -> str:
        """Run the load for `seconds`; return an error message, or an empty text."""
        load = start_readload(self.target, self.path, self.conns, seconds, self.rate, *self.headers)
        run = load.figures()
        self.runs.append(run)
        strange = set(run["statuses"]) - {str(self.status)}
        return f"answers were {run['statuses']}" if strange or run["failures"] else ""

    def best(self, *path: str) -> float:
        """Return the lowest value of a figure over all runs."""
        figures = []
        for run in self.runs:
            value = run
            for name in path:
                value = value[name]
            figures.append(float(value))  # type: ignore[arg-type]
        return min(figures)

    @property
    def per_second(self) -> float:
        """Return the highest rate over all runs."""
        return max(float(run["per_s"]) for run in self.runs)


def _fill(server: Dateline, number: int) -> None:
    with server.client() as client:
        for i in range(1, number + 1):
            entry = {"headline": f"Report {i}", "body": "Two engines are on their way. " * 8}
            client.post(ENTRIES, json=entry).raise_for_status()


@contextmanager
def _asgi(module: str, variable: str, folder: Path) -> Iterator[Target]:
    """Run a peer on uvicorn as Dateline does: one worker, default event loop and parser."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", f"{module}:app", "--app-dir", str(PEERS)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--backlog", "2048"]
    command += ["--no-access-log", "--log-level", "warning", "--no-server-header"]
    with running(command, port, folder, {variable: str(folder)}) as process:
        yield Target(process, port, "/", "/", "")


def _constant(stack: ExitStack, answer: httpx.Response) -> Target:
    folder = Path(stack.enter_context(temporary_folder()))
    (folder / "body").write_bytes(answer.content)
    names = ("cache-control", "etag", "vary", "link", "content-length", "content-type")
    lines = [f"{name}: {answer.headers[name]}" for name in names if name in answer.headers]
    (folder / "head").write_text("\n".join(lines))
    return stack.enter_context(_asgi("constant", "CONSTANT", folder))


def _query(stack: ExitStack, answer: httpx.Response) -> Target:
    folder = Path(stack.enter_context(temporary_folder()))
    (folder / "rows.json").write_text(json.dumps(answer.json()["entries"]))
    return stack.enter_context(_asgi("query", "QUERY", folder))


@contextmanager
def _reads() -> Iterator[list[Read]]:
    """Start all systems with the same twenty entries, and list the reads to measure."""
    with ExitStack() as stack:
        server = stack.enter_context(dateline())
        _fill(server, 20)
        ours = server.target()
        one = f"{ENTRIES}?limit=1"
        plainly = {"Accept-Encoding": "identity"}  # as the load generator requests
        pages = {path: httpx.get(server.url + path, headers=plainly) for path in (ENTRIES, one)}
        bare = {path: _constant(stack, pages[path]) for path in pages}
        plain = _query(stack, pages[ENTRIES])
        known = (f"If-None-Match: {pages[ENTRIES].headers['etag']}",)
        address = f"{server.url}{EVENTS}?after=0&limit=20"
        events = httpx.get(address, headers=plainly).headers["etag"]
        polled = {"conns": POLLERS, "rate": float(POLLERS)}
        yield [
            Read("bare answer, 20 entries", bare[ENTRIES], "/"),
            Read("Dateline, 20 entries", ours, ENTRIES, "bare answer, 20 entries"),
            Read("FastAPI + SQLModel, 20 entries", plain, "/entries", "bare answer, 20 entries"),
            Read("bare answer, 1 entry", bare[one], "/"),
            Read("Dateline, 1 entry", ours, one, "bare answer, 1 entry"),
            Read("FastAPI + SQLModel, 1 entry", plain, "/entries?limit=1", "bare answer, 1 entry"),
            Read("bare answer, 304", bare[ENTRIES], "/", None, known, status=304),
            Read("Dateline, 304", ours, ENTRIES, "bare answer, 304", known, status=304),
            Read("Dateline, full events page, 304", ours, f"{EVENTS}?after=0&limit=20",
                 "bare answer, 304", (f"If-None-Match: {events}",), status=304),
            Read("Dateline, reader page", ours, "/coverages/bench"),
            Read("Dateline, 1,000 pollers at 1 Hz, 200", ours, ENTRIES, **polled),  # type: ignore[arg-type]
            Read("Dateline, 1,000 pollers at 1 Hz, 304", ours, ENTRIES, None, known, status=304,
                 **polled),  # type: ignore[arg-type]
        ]  # fmt: skip


def measure_history(runs: int, seconds: float, say: Say) -> list[Read]:
    """Measure every read `runs` times, for `seconds` each."""
    with _reads() as reads:
        for _ in range(runs):
            for read in reads:
                wrong = read.ask(seconds)
                say(f"{read.name}: {read.runs[-1]['per_s']:,.0f} a second {wrong}")
    return reads


def measure_wakes(runs: int, waiters: int, say: Say) -> list[Figures]:
    """Measure long-polls: each event wakes `waiters` of them at once."""
    found = []
    for _ in range(runs):
        with dateline() as server:
            load = start_fanload(server.target(), "poll", waiters, ["1:12"])
            found.append(load.figures())
        say(f"{waiters:,} long-polls: {found[-1]['phases'][0]['cpu_us_per_delivery']:.1f} µs each")
    return found


def tabulate_history(reads: Sequence[Read], wakes: Sequence[Figures]) -> str:
    """Return the table."""
    rates = {read.name: read.per_second for read in reads}
    lines: list[list[float | str | None]] = [
        [
            read.name,
            read.per_second,
            read.per_second / rates[read.beside] if read.beside else None,
            read.best("cpu_us_each"),
            read.best("latency_us", "p50") / 1000,
            read.best("latency_us", "p99") / 1000,
            read.best("bytes_each"),
            100 * read.best("core") if read.rate else None,
        ]
        for read in reads
    ]
    if wakes:
        steady = [run["phases"][0] for run in wakes]
        lines.append(
            [
                f"Dateline, {wakes[0]['conns']:,} long-polls woken by one event",
                max(float(run["per_s"]) for run in steady),
                None,
                min(float(run["cpu_us_per_delivery"]) for run in steady),
                min(float(run["latency_us"]["p50"]) for run in steady) / 1000,
                min(float(run["latency_us"]["p99"]) for run in steady) / 1000,
                None,
                None,
            ]
        )
    return format_table(HEADS, lines)
