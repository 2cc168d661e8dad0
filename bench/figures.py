"""Figures benchmark: what a long series of figures costs its coverage.

Two coverages have the same number of entries and corrections; in one of them each entry reports a
figure: 400 days with two sources, and 2,000 later revisions. Each has a reader of its stream of
HTML, as an open page has. Rounds of the same publications alternate between the two, so that other
load on the machine affects both alike; the server's processor time is read from /proc.
"""

import json
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

import httpx

from bench.dateline import Dateline, dateline
from bench.table import format_table
from bench.writes import processor_time

Say = Callable[[str], None]
Json = dict[str, object]
DAYS, REVISIONS = 400, 2_000
_SOURCES = ("The Ministry", "The Centre")
_FIRST_DAY = date(2020, 9, 27)
_PLAIN, _SERIES = "plain", "series"
_WARM = 20


@dataclass(frozen=True)
class Events:
    """Publications of one kind: milliseconds each, one value per round.

    Attributes:
        name: what is published, and where.
        cpu: processor time of the server, until the event has been delivered to the reader.
        delay: the median time from the request to the delivery.
    """

    name: str
    cpu: tuple[float, ...]
    delay: tuple[float, ...]


@dataclass(frozen=True)
class Read:
    """A request that the response cache does not answer: milliseconds of processor time each."""

    name: str
    cpu: tuple[float, ...]
    size: int


def _figure(day: int, source: str, number: int) -> Json:
    as_of = (_FIRST_DAY + timedelta(days=day)).isoformat()
    names = {"metric": "killed", "group": "soldiers", "source": source}
    return {**names, "low": number, "high": number, "as_of": as_of}


def _fill(tool: httpx.Client, slug: str, say: Say) -> None:
    """Publish and correct the entries of a coverage; only the series' ones have figures."""
    chance, ids = random.Random(14), []
    tool.post("/v1/coverages", json={"slug": slug, "title": slug}).raise_for_status()
    entries = f"/v1/coverages/{slug}/entries"
    for day in range(DAYS):
        for source in _SOURCES:
            fields = _fields(slug, day, source, 100 + 3 * day)
            entry = tool.post(entries, json=fields).raise_for_status().json()
            ids.append((entry["id"], day, source))
    say(f"{slug}: {len(ids)} entries")
    for _ in range(REVISIONS):
        entry_id, day, source = chance.choice(ids)
        fields = _fields(slug, day, source, chance.randrange(1000))
        form = {"note": "Counted again.", **fields}
        tool.post(f"{entries}/{entry_id}/correction", json=form).raise_for_status()
    say(f"{slug}: {REVISIONS} corrections")


def _fields(slug: str, day: int, source: str, number: int) -> Json:
    fields: Json = {"headline": f"Day {day}: {number}", "body": "The count of the day. " * 8}
    return fields | ({"figures": [_figure(day, source, number)]} if slug == _SERIES else {})


@contextmanager
def _stream(server: Dateline, slug: str) -> Iterator[Iterator[str]]:
    """Open the stream that a page has; yields the data of its events."""
    address = f"{server.url}/v1/coverages/{slug}/events?format=html"
    with httpx.stream(
        "GET", address, headers={"Accept": "text/event-stream"}, timeout=60
    ) as stream:
        lines = (line.removeprefix("data: ") for line in stream.iter_lines() if "data: {" in line)
        yield lines


def _publish(
    server: Dateline, tool: httpx.Client, slug: str, forms: Sequence[Json], lines: Iterator[str]
) -> tuple[float, float]:
    """Publish, and wait for each delivery; return the processor time and the median delay."""
    assert server.process
    delays = []
    before = processor_time(server.process.pid)
    for form in forms:
        began = time.perf_counter()
        written = tool.post(f"/v1/coverages/{slug}/entries", json=form).raise_for_status().json()
        while json.loads(next(lines))["entry"]["id"] != written["id"]:
            pass
        delays.append(1000 * (time.perf_counter() - began))
    cpu = (processor_time(server.process.pid) - before) / len(forms)
    return cpu, statistics.median(delays)


def _read(server: Dateline, tool: httpx.Client, path: str, times: int, size: list[int]) -> float:
    """Return the processor time of a request; each asks for another time."""
    assert server.process
    before = processor_time(server.process.pid)
    for number in range(times):
        at = f"2199-01-01T00:00:{number // 1000:02}.{number % 1000:03}Z"
        size[:] = [len(tool.get(f"{path}at={at}").raise_for_status().content)]
    return (processor_time(server.process.pid) - before) / times


def measure_figures(rounds: int, times: int, say: Say) -> tuple[list[Events], list[Read]]:
    """Fill both coverages, and measure `times` publications and reads of each kind a round."""
    words: list[Json] = [
        {"headline": f"Report {n}", "body": "Two engines. " * 8} for n in range(times)
    ]
    numbers: list[Json] = [
        {**form, "figures": [_figure(DAYS + n, _SOURCES[n % 2], n)]} for n, form in enumerate(words)
    ]
    kinds: dict[str, tuple[str, list[Json]]] = {
        "an entry, in a coverage without figures": (_PLAIN, words),
        "an entry, in the coverage of the series": (_SERIES, words),
        "a figure, in the coverage of the series": (_SERIES, numbers),
    }
    paths = {
        "the ledger": f"/v1/coverages/{_SERIES}/figures?",
        "the ledger, without figures": f"/v1/coverages/{_PLAIN}/figures?",
        "the whole history": f"/v1/coverages/{_SERIES}/figures?history=true&",
    }
    events: dict[str, list[tuple[float, float]]] = {name: [] for name in kinds}
    reads: dict[str, list[float]] = {name: [] for name in paths}
    sizes: dict[str, list[int]] = {name: [] for name in paths}
    with dateline() as server, server.client() as tool:
        for slug in (_PLAIN, _SERIES):
            _fill(tool, slug, say)
        with _stream(server, _PLAIN) as plain, _stream(server, _SERIES) as series:
            streams = {_PLAIN: plain, _SERIES: series}
            for slug, lines in streams.items():
                _publish(server, tool, slug, words[:_WARM], lines)
            for number in range(rounds):
                # Every second round in the other order, since the journals grow meanwhile.
                order = list(kinds.items())[:: -1 if number % 2 else 1]
                for name, (slug, forms) in order:
                    events[name].append(_publish(server, tool, slug, forms, streams[slug]))
                say(f"round {number + 1} of the events")
        for number in range(rounds):
            for name, path in paths.items():
                reads[name].append(_read(server, tool, path, times, sizes[name]))
            say(f"round {number + 1} of the reads")
    return (
        [Events(name, *zip(*runs, strict=True)) for name, runs in events.items()],
        [Read(name, tuple(runs), sizes[name][0]) for name, runs in reads.items()],
    )


def tabulate_figures(events: Sequence[Events], reads: Sequence[Read]) -> str:
    """Return two tables: the lowest figures, and their ratios to a coverage without figures."""
    first = events[0]
    writes = format_table(
        ["event", "CPU ms", "ratio", "ms to delivery", "ratio"],
        [
            [
                row.name,
                *(min(row.cpu), min(row.cpu) / min(first.cpu)),
                *(min(row.delay), min(row.delay) / min(first.delay)),
            ]
            for row in events
        ],
    )
    rows: list[list[float | str | None]] = [[read.name, min(read.cpu), read.size] for read in reads]
    return f"{writes}\n\n{format_table(['read', 'CPU ms', 'bytes'], rows)}"
