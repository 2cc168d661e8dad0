"""Changes benchmark: what a reader's return costs after absences of different lengths.

A journal grows by publications, amendments and corrections. At each length an absence of all its
events is asked about, in two ways: the changes between two positions, and the events themselves,
page by page, as clients without that request have to read them.
"""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bench.dateline import ENTRIES, SLUG, Dateline, dateline
from bench.table import format_table

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
        figure = {"metric": "hurt", "source": "Source", "low": 1, "high": 1}
        document = {"headline": "Number", "body": _BODY * 6, "figures": [figure]}
        tool.post(ENTRIES, json=document).raise_for_status()
        pattern = [json.loads(line) for line in server.run("export", SLUG).splitlines()]
        for length in lengths:
            archive = _archive(pattern, f"bench-{length}", length)
            headers = {"Content-Type": "application/jsonl"}
            tool.post("/v1/imports", content=archive, headers=headers).raise_for_status()
            found.append(_measure(server, f"bench-{length}", length, times))
            say(f"{length:,} events: {found[-1].milliseconds:.1f} ms")
    return found


def _archive(pattern: Sequence[Any], slug: str, length: int) -> bytes:
    """Write a journal: mostly publications, else an amendment or a correction of an old entry.

    Args:
        pattern: the lines of an archive with one entry.
        slug: the coverage's slug.
        length: the number of events.
    """
    head, opened, published, _ = pattern
    opened = {**opened, "coverage": slug, "details": {**opened["details"], "slug": slug}}
    lines, entries = [head, opened], list[dict[str, Any]]()
    for number in range(length - 1):
        kind, entry = "published", {**published["entry"], "id": f"n{number}", "seq": number + 2}
        figure = {**entry["figures"][0], "low": number, "high": number}
        entry["figures"] = [{**figure, "source": {"name": f"Source {number % 7}", "url": None}}]
        if number % 10 == 1 or number % 100 == 2:
            kind = "amended" if number % 10 == 1 else "corrected"
            entry = {**entries[number // 2], "tags": [f"{number}"]}
            entry["revision"] += 1
            if kind == "corrected":
                entry["correction"] = {"note": f"It was {number}.", "at": published["at"]}
        entries.append(entry)
        lines.append(
            {**published, "coverage": slug, "seq": number + 2, "type": f"entry.{kind}"}
            | {"entry": entry}
        )
    lines.append({"end": {"events": length, "drafts": 0}})
    return b"\n".join(json.dumps(line).encode() for line in lines)


def _measure(server: Dateline, slug: str, length: int, times: int) -> Absence:
    assert server.process
    path = f"/v1/coverages/{slug}"
    with httpx.Client(base_url=server.url, timeout=60) as reader:
        head = reader.get(path).json()["cursor"]
        epoch = head.rpartition("-")[0]

        def ask(after: int) -> int:
            # Another position each time, so that no answer comes out of the cache.
            query = {"from": f"{epoch}-{after}", "to": head, "limit": "20"}
            with reader.stream("GET", f"{path}/changes", params=query) as answer:
                answer.read()
                return answer.num_bytes_downloaded

        ask(1)
        before = _processor_time(server.process.pid)
        sizes = [ask(after % length) for after in range(2, times + 2)]
        milliseconds = (_processor_time(server.process.pid) - before) / times
        size, after, more = 0, f"{epoch}-0", True
        while more:
            with reader.stream("GET", f"{path}/events", params={"after": after}) as answer:
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
