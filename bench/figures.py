"""Figures benchmark: what a long series of figures costs its coverage.

Two coverages have the same number of entries and corrections; in one of them each entry reports a
figure: 400 days with two sources, and 2,000 later revisions. Each has a reader of its stream of
HTML, as an open page has. Batches of the same publications alternate between the two, so that other
load on the machine affects both alike; the server's processor time is read before and after each.

The batches differ in what a reader asks for after each event: nothing; the page; or the page, the
section with the figures, and the ledger. All of these change with the event, whatever it is.
"""

import json
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

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
_WARM = 20  # as many as a page shows, so that it shows the batch's own
_PAGE = "/coverages/{}"
_READS: dict[str, tuple[str, ...]] = {
    "alone": (),
    "and a page": (_PAGE,),
    "and all three": (_PAGE, "/coverages/{}/figures", "/v1/coverages/{}/figures"),
}


@dataclass(frozen=True)
class Events:
    """Publications of one kind: milliseconds each, one value per round.

    Attributes:
        name: what is published, and where.
        cpu: processor time of the server, until the event has been delivered to the reader and
            what they ask for is answered; by the name of what that is (`_READS`).
        delay: the median time from the request to the delivery.
    """

    name: str
    cpu: dict[str, list[float]]
    delay: list[float]


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


@dataclass(frozen=True)
class _Coverage:
    """A coverage under test: its slug, its tool and reader, and the data of its stream."""

    slug: str
    pid: int
    tool: httpx.Client
    reader: httpx.Client
    lines: Iterator[str]

    def publish(self, forms: Sequence[Json], paths: Sequence[str] = ()) -> tuple[float, float]:
        """Publish, wait for each delivery, and ask for the paths after it.

        Returns:
            The processor time of each, and the median delay of the delivery, in milliseconds.
        """
        delays = []
        before = processor_time(self.pid)
        for form in forms:
            began = time.perf_counter()
            answer = self.tool.post(f"/v1/coverages/{self.slug}/entries", json=form)
            written = answer.raise_for_status().json()
            while json.loads(next(self.lines))["entry"]["id"] != written["id"]:
                pass
            delays.append(1000 * (time.perf_counter() - began))
            for path in paths:
                self.reader.get(path.format(self.slug)).raise_for_status()
        cpu = (processor_time(self.pid) - before) / len(forms)
        return cpu, statistics.median(delays)


@contextmanager
def _coverage(server: Dateline, tool: httpx.Client, slug: str, say: Say) -> Iterator[_Coverage]:
    _fill(tool, slug, say)
    assert server.process
    with _stream(server, slug) as lines, httpx.Client(base_url=server.url, timeout=60) as reader:
        yield _Coverage(slug, server.process.pid, tool, reader, lines)


def _kinds(times: int) -> dict[str, tuple[str, list[Json]]]:
    """Return what is published in one batch of each kind, and where."""
    words: list[Json] = [
        {"headline": f"Report {n}", "body": "Two engines. " * 8} for n in range(times)
    ]
    numbers: list[Json] = [
        {**form, "figures": [_figure(DAYS + n, _SOURCES[n % 2], n)]} for n, form in enumerate(words)
    ]
    return {
        "an entry, in a coverage without figures": (_PLAIN, words),
        "an entry, in the coverage of the series": (_SERIES, words),
        "a figure, in the coverage of the series": (_SERIES, numbers),
    }


def _measure_events(
    coverages: Sequence[_Coverage], rounds: int, times: int, say: Say
) -> list[Events]:
    kinds, own = _kinds(times), {coverage.slug: coverage for coverage in coverages}
    events = {name: Events(name, {reads: [] for reads in _READS}, []) for name in kinds}
    for number in range(rounds):
        for reads, paths in _READS.items():
            # Every second round in the other order, since the journals grow meanwhile.
            for name, (slug, forms) in list(kinds.items())[:: -1 if number % 2 else 1]:
                own[slug].publish(forms[:_WARM], paths)
                cpu, delay = own[slug].publish(forms, paths)
                events[name].cpu[reads].append(cpu)
                if not paths:
                    events[name].delay.append(delay)
        say(f"round {number + 1} of the events")
    return list(events.values())


def _measure_reads(coverages: Sequence[_Coverage], rounds: int, times: int, say: Say) -> list[Read]:
    plain, series = (f"/v1/coverages/{coverage.slug}/figures?" for coverage in coverages)
    paths = {
        "the ledger as of a time": series,
        "the same, without figures": plain,
        "the whole history": f"{series}history=true&",
    }
    cpu: dict[str, list[float]] = {name: [] for name in paths}
    sizes: dict[str, int] = {}
    for number in range(rounds):
        for name, path in paths.items():
            before = processor_time(coverages[0].pid)
            for each in range(times):
                # Another time at each request, so that none is answered by the response cache.
                at = f"2199-01-01T00:00:{each // 1000:02}.{each % 1000:03}Z"
                answer = coverages[0].tool.get(f"{path}at={at}").raise_for_status()
            cpu[name].append((processor_time(coverages[0].pid) - before) / times)
            sizes[name] = len(answer.content)
        say(f"round {number + 1} of the reads")
    return [Read(name, tuple(runs), sizes[name]) for name, runs in cpu.items()]


def measure_figures(
    program: Path, rounds: int, times: int, say: Say
) -> tuple[list[Events], list[Read]]:
    """Fill both coverages, and measure `times` publications and reads of each kind a round."""
    with (
        dateline(program=program) as server,
        server.client() as tool,
        _coverage(server, tool, _PLAIN, say) as plain,
        _coverage(server, tool, _SERIES, say) as series,
    ):
        coverages = (plain, series)
        events = _measure_events(coverages, rounds, times, say)
        return events, _measure_reads(coverages, rounds, times, say)


def tabulate_figures(events: Sequence[Events], reads: Sequence[Read]) -> str:
    """Return two tables: the lowest figures, and their ratios to a coverage without figures."""
    first = events[0]
    heads = ["CPU ms of an event"]
    for name in (*_READS, "ms to delivery"):
        heads += [name, "ratio"]
    rows: list[list[float | str | None]] = []
    for row in events:
        cells: list[float | str | None] = [row.name]
        for runs, of_first in (
            *((row.cpu[reads], first.cpu[reads]) for reads in _READS),
            (row.delay, first.delay),
        ):
            cells += [min(runs), min(runs) / min(of_first)]
        rows.append(cells)
    listed: list[list[float | str | None]] = [
        [read.name, min(read.cpu), read.size] for read in reads
    ]
    return f"{format_table(heads, rows)}\n\n{format_table(['read', 'CPU ms', 'bytes'], listed)}"
