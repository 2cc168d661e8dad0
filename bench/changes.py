"""Changes benchmark: what a reader's return costs after absences of different lengths.

A journal grows by publications, amendments and corrections. At each length an absence of all its
events is asked about, in two ways: the changes between two positions, and the events themselves,
page by page, as clients without that request have to read them.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.dateline import ENTRIES, EVENTS, SLUG, Dateline, dateline
from bench.table import format_table

_CHANGES = f"/v1/coverages/{SLUG}/changes"
_TICK = 1000 / os.sysconf("SC_CLK_TCK")  # milliseconds
_BODY = "Two engines are on their way to the harbour, and nobody is hurt as far as is known. "


@dataclass(frozen=True)
class Absence:
    """The cost of a return: bytes as sent, compressed, and milliseconds of processor time."""

    events: int
    kilobytes: float
    milliseconds: float
    kilobytes_of_events: float


def measure_changes(
    lengths: Sequence[int], times: int, say: Callable[[str], None]
) -> list[Absence]:
    """Measure a return after each number of events, `times` each."""
    found = []
    with dateline() as server, server.client() as tool:
        written: list[str] = []
        for length in sorted(lengths):
            while len(written) < length:
                _act(tool, written)
            found.append(_measure(server, length, times))
            say(f"{length:,} events: {found[-1].milliseconds:.1f} ms")
    return found


def _act(tool: httpx.Client, written: list[str]) -> None:
    """Add one event to the journal: mostly a publication, else a change to an earlier entry.

    Args:
        tool: a client with the newsroom's key.
        written: the id of the entry of each event until now; that of the new one is added.
    """
    number = len(written)
    figure = {"metric": "hurt", "source": f"Source {number % 7}", "low": number, "high": number}
    document = {"headline": f"Number {number}", "body": _BODY * 6, "figures": [figure]}
    if number % 10 == 1:
        address, tags = f"{ENTRIES}/{written[number // 2]}", {"tags": [f"{number}"]}
        answer = tool.patch(address, json=tags, headers={"If-Match": "*"})
    elif number % 100 == 2:
        address = f"{ENTRIES}/{written[number // 3]}/correction"
        answer = tool.post(address, json={"note": f"It was {number}."})
    else:
        answer = tool.post(ENTRIES, json=document)
    written.append(answer.raise_for_status().json()["id"])


def _measure(server: Dateline, length: int, times: int) -> Absence:
    assert server.process
    with httpx.Client(base_url=server.url, timeout=60) as reader:
        head = server.cursor()
        epoch = head.rpartition("-")[0]

        def ask(after: int) -> int:
            # Another position each time, so that no answer comes out of the cache.
            query = {"from": f"{epoch}-{after}", "to": head, "limit": "20"}
            with reader.stream("GET", _CHANGES, params=query) as answer:
                answer.read()
                return answer.num_bytes_downloaded

        ask(1)
        before = _processor_time(server.process.pid)
        sizes = [ask(after % length) for after in range(2, times + 2)]
        milliseconds = (_processor_time(server.process.pid) - before) / times
        size, after, more = 0, f"{epoch}-0", True
        while more:
            with reader.stream("GET", EVENTS, params={"after": after}) as answer:
                answer.read()
                size += answer.num_bytes_downloaded
                after, more = (answer.json()[name] for name in ("cursor", "more"))
    return Absence(length, max(sizes) / 1024, milliseconds, size / 1024)


def _processor_time(pid: int) -> float:
    """Return the milliseconds of user and system time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK


def tabulate_changes(absences: Sequence[Absence]) -> str:
    """Return the table."""
    rows: list[list[float | str | None]] = [
        [f"{each.events:,} events", each.kilobytes, each.milliseconds, each.kilobytes_of_events]
        for each in absences
    ]
    heads = ["absence", "KiB of changes", "CPU ms a request", "KiB of all events"]
    return format_table(heads, rows)
