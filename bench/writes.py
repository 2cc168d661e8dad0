"""Write benchmark: the processor time of a POST of an entry, in two checkouts.

Beside it, in the same run and by the same interpreter, stands a bare commit: the rows that the last
POST has written, written again by `sqlite3` alone, with the same durability.

Rounds alternate between the checkouts, so that other load on the machine affects both alike. Each
round runs a new server on a new SQLite file; the CPU time of its process is read before and after
a number of publications, made one at a time over one connection. Then eight writers publish at
once, each over a connection of its own.
"""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

import httpx

from bench.generators import temporary_folder
from bench.server import free_port, running
from bench.table import format_table

_WARM = 50
_WRITERS = 8
_PATH = "/v1/coverages/bench/entries"
_BODY = "A sentence of a usual length, with *words* in italics and a [link](https://a.example). "


@dataclass(frozen=True)
class Cost:
    """Milliseconds of processor time per POST and per bare commit, one value per round.

    `together` is that of a POST beside seven others, and `rate` how many were made in a second.
    """

    program: str
    plain: tuple[float, ...]
    keyed: tuple[float, ...]
    together: tuple[float, ...]
    rate: tuple[float, ...]
    bare: tuple[float, ...]


def measure_writes(
    programs: Sequence[Path], rounds: int, times: int, say: Callable[[str], None]
) -> list[Cost]:
    """Publish `times` entries in each round, without and with an idempotency key."""
    found: dict[Path, list[tuple[float, ...]]] = {program: [] for program in programs}
    for number in range(rounds):
        for program in programs:
            say(f"round {number + 1} of {program.name}")
            found[program].append(_measure(program, times))
    return [
        Cost(str(program), *(tuple(figures) for figures in zip(*rounds_of, strict=True)))
        for program, rounds_of in found.items()
    ]


def _measure(program: Path, times: int) -> tuple[float, ...]:
    with temporary_folder() as name:
        folder, port = Path(name), free_port()
        environment = {
            "PYTHONPATH": str(program),
            "DATELINE_PORT": str(port),
            "DATELINE_DATABASE_URL": f"sqlite:///{folder}/dateline.db",
            "DATELINE_MEDIA_DIR": f"{folder}/media",
        }
        key = subprocess.run(
            [sys.executable, "-m", "app", "key", "create", "bench", "--role", "chief"],
            cwd=folder,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        headers = {"Authorization": f"Bearer {key}"}
        with (
            running([sys.executable, "-m", "app", "serve"], port, folder, environment) as process,
            httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers) as tool,
        ):
            coverage = {"slug": "bench", "title": "What a POST costs"}
            tool.post("/v1/coverages", json=coverage).raise_for_status()
            _publish(tool, _WARM, keyed=True)
            costs = []
            for keyed in (False, True):
                before = processor_time(process.pid)
                _publish(tool, times, keyed=keyed)
                costs.append((processor_time(process.pid) - before) / times)
            before, started = processor_time(process.pid), time.perf_counter()
            with ThreadPoolExecutor(_WRITERS) as writers:
                share = -(-times // _WRITERS)
                for done in [
                    writers.submit(_publish_by, number, port, headers, share)
                    for number in range(_WRITERS)
                ]:
                    done.result()
            made, taken = share * _WRITERS, time.perf_counter() - started
            costs.append((processor_time(process.pid) - before) / made)
        return *costs, made / taken, _commit_bare(folder / "dateline.db", times)


# The rows of a POST, each copied from the last one of its table with another key.
_COPIES = {
    "entry": {"id": ":id", "seq": ":seq"},
    "entry_tag": {"entry_id": ":id", "seq": ":seq"},
    "search": {"id": "NULL", "entry_id": ":id"},
    "journal": {"entry_id": ":id", "seq": ":seq"},
    "audit": {"id": "NULL", "thing": ":id"},
}


def _commit_bare(database: Path, times: int) -> float:
    connection = sqlite3.connect(database, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")
    (head,) = connection.execute("SELECT head_seq FROM coverage").fetchone()
    statements = ["UPDATE coverage SET head_seq = :seq, state = state"]
    present = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    tables = [table for table in _COPIES if table in present]  # an older checkout has fewer
    for table in tables:
        changed = _COPIES[table]
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        values = ", ".join(changed.get(name, f":{name}") for name in columns)
        statements.append(f"INSERT INTO {table} VALUES ({values})")
    rows: list[dict[str, object]] = [{}, *(_last_row(connection, table) for table in tables)]
    started = time.process_time()
    for number in range(head + 1, head + 1 + times):
        key = {"id": f"bare{number}", "seq": number}
        connection.execute("BEGIN IMMEDIATE")
        for statement, row in zip(statements, rows, strict=True):
            connection.execute(statement, row | key)
        connection.execute("COMMIT")
    return (time.process_time() - started) / times * 1000


def _last_row(connection: sqlite3.Connection, table: str) -> dict[str, object]:
    cursor = connection.execute(f"SELECT * FROM {table} ORDER BY rowid DESC LIMIT 1")
    names = [column[0] for column in cursor.description]
    return dict(zip(names, cursor.fetchone(), strict=True))


def _publish(tool: httpx.Client, times: int, *, keyed: bool) -> None:
    for number in range(times):
        headers = {"Idempotency-Key": f"{times}-{number}"} if keyed else {}
        tool.post(_PATH, json=_document(number), headers=headers).raise_for_status()


def _publish_by(writer: int, port: int, headers: Mapping[str, str], times: int) -> None:
    """Publish over a connection of one's own, by a client that takes little processor time."""
    connection = HTTPConnection("127.0.0.1", port)
    for number in range(times):
        document = json.dumps(_document(writer * times + number))
        connection.request("POST", _PATH, document, {**headers, "Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != HTTPStatus.CREATED:
            raise RuntimeError(f"a POST was answered with {answer.status}")
    connection.close()


def _document(number: int) -> dict[str, object]:
    return {"headline": f"Number {number}", "body": _BODY * 8, "tags": ["bench"]}


def processor_time(pid: int) -> float:
    """Return the milliseconds of processor time of a process.

    Its clock counts nanoseconds, where /proc/PID/stat counts hundredths of a second.

    Source: clock_getcpuclockid(3); MAKE_PROCESS_CPUCLOCK in Linux's posix-timers_types.h.
    """
    return time.clock_gettime_ns(~pid << 3 | 2) / 1e6


def tabulate_writes(costs: Sequence[Cost]) -> str:
    """Return the table: the lowest figures of each checkout, and their ratio to the first one's."""
    first = costs[0]
    rows: list[list[float | str | None]] = [
        [
            cost.program,
            min(cost.plain),
            min(cost.plain) / min(first.plain),
            min(cost.keyed),
            min(cost.keyed) / min(first.keyed),
            min(cost.together),
            max(cost.rate),
            min(cost.bare),
            min(cost.plain) / min(cost.bare),
        ]
        for cost in costs
    ]
    return format_table(
        [
            "checkout",
            "ms a POST",
            "share",
            "ms with a key",
            "share",
            f"ms with {_WRITERS} writers",
            "POSTs a second",
            "ms a bare commit",
            "of bare",
        ],
        rows,
    )
