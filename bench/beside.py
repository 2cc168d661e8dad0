"""Readers beside heavy work: what others notice while the server does something large.

One client exports, imports, reads the past, reads a whole journal or uploads pictures, one after
the other. Meanwhile the history of a large coverage is read at a steady rate, through the response
cache and past it, and entries are published in another coverage, which a stream delivers.
"""

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bench.dateline import ENTRIES, EVENTS, Dateline, dateline
from bench.generators import Figures, start_readload
from bench.growth import Page, fill_coverages
from bench.media import make_picture, send_picture
from bench.table import format_table

_RATE, _CONNS = 25, 2  # of the requests for history, each way
_MOST = 590.0  # seconds that a work may take
_REPEATED = 100
_PAUSE = 0.25  # seconds between two publications
_UPLOADS = 10
_QUANTILES = ("p50", "p99", "max")


@dataclass
class Beside:
    """What others saw beside one work, in milliseconds; the reads as the generator's figures."""

    name: str
    seconds: float = 0.0
    reads: dict[str, Figures] = field(default_factory=dict)
    answered: list[float] = field(default_factory=list)
    delivered: list[float] = field(default_factory=list)


Work = Callable[[Dateline, httpx.Client, Page], object]


def _export(server: Dateline, _client: httpx.Client, page: Page) -> None:
    slug = page.api.rpartition("/")[2]
    server.run("export", slug, "--output", str(_archive_of(server)))


def _import(server: Dateline, client: httpx.Client, _page: Page) -> None:
    address, headers = "/v1/imports?slug=copy", {"Content-Type": "application/jsonl"}
    archive = _archive_of(server).read_bytes()
    client.post(address, content=archive, headers=headers).raise_for_status()


def _archive_of(server: Dateline) -> Path:
    return server.folder / "archive.jsonl"


def _replay(_server: Dateline, client: httpx.Client, page: Page) -> None:
    cursor, more = "0", True
    while more:
        answer = client.get(f"{page.api}/events", params={"after": cursor}).raise_for_status()
        record = answer.json()
        cursor, more = record["cursor"], record["more"]


def _repeat(query: str) -> Work:
    def work(_server: Dateline, client: httpx.Client, page: Page) -> None:
        for number in range(_REPEATED):
            address = (
                f"{page.api}/entries?{query.format(minute=number % 60, number=1 + number % 50)}"
            )
            client.get(address).raise_for_status()

    return work


def _upload(server: Dateline, client: httpx.Client, _page: Page) -> None:
    picture = server.folder / "picture.jpg"
    if not picture.exists():
        picture.write_bytes(make_picture())
    content = picture.read_bytes()
    with ThreadPoolExecutor(_UPLOADS) as threads:
        list(threads.map(lambda _: send_picture(client, content), range(_UPLOADS)))


WORKS: dict[str, Work] = {
    "nothing": lambda *_: time.sleep(10),
    "an export": _export,
    "an import": _import,
    "pages as of a time": _repeat("at=2026-01-01T00:{minute:02}:00Z"),
    "pages of a rare tag": _repeat("tag=rare&limit={number}"),
    "the whole journal in pages": _replay,
    f"{_UPLOADS} uploads": _upload,
}


def measure_beside(
    program: Path, size: int, only: Sequence[str], say: Callable[[str], None]
) -> list[Beside]:
    """Do the works whose names contain one of the words, beside readers; all without words.

    Args:
        program: the checkout to run.
        size: entries of the large coverage.
        only: words of names. An import needs an export before it.
        say: called with progress messages.
    """
    chosen = [name for name in WORKS if not only or any(word in name for word in only)]
    found = []
    with dateline(program=program) as server, server.client() as client:
        client.timeout = httpx.Timeout(_MOST)
        (page,) = fill_coverages(client, lambda slug: server.run("export", slug), [size])
        say(f"a coverage of {size:,} entries")
        for name in chosen:
            beside = Beside(name)
            with _readers(server, page, beside):
                began = time.perf_counter()
                WORKS[name](server, client, page)
                beside.seconds = time.perf_counter() - began
            found.append(beside)
            say(f"beside {name}: {' / '.join(f'{ms:.1f}' for ms in _latencies(beside))}")
    return found


@contextmanager
def _readers(server: Dateline, page: Page, beside: Beside) -> Iterator[None]:
    """Read, publish and listen for the length of a block."""
    target, path = server.target(), f"{page.api}/entries?limit=20"
    over = threading.Event()
    loads = {
        "cached": start_readload(target, path, _CONNS, _MOST, _RATE),
        "uncached": start_readload(target, path, _CONNS, _MOST, _RATE, "Cache-Control: no-cache"),
    }
    with ThreadPoolExecutor(1) as threads:
        publishing = threads.submit(_publish, server, over, beside)
        try:
            yield
        finally:
            over.set()
            for name, load in loads.items():
                load.process.send_signal(signal.SIGTERM)
                beside.reads[name] = load.figures()
    publishing.result()


def _publish(server: Dateline, over: threading.Event, beside: Beside) -> None:
    """Publish entries, one after the other, and receive each from a stream."""
    stream = httpx.stream(
        "GET", f"{server.url}{EVENTS}", headers={"Accept": "text/event-stream"}, timeout=_MOST
    )
    with stream as answer, server.client() as client:
        client.timeout = httpx.Timeout(_MOST)
        lines = (line for line in answer.iter_lines() if line.startswith("data: {"))
        while not over.wait(_PAUSE):
            began = time.perf_counter()
            client.post(ENTRIES, json={"headline": "News"}).raise_for_status()
            beside.answered.append((time.perf_counter() - began) * 1000)
            assert "entry" in json.loads(next(lines).removeprefix("data: "))
            beside.delivered.append((time.perf_counter() - began) * 1000)


def _latencies(beside: Beside) -> list[float]:
    return [
        beside.reads[name]["latency_us"][each] / 1000
        for name in ("cached", "uncached")
        for each in _QUANTILES
    ]


def tabulate_beside(found: Sequence[Beside]) -> str:
    """Return the table."""
    heads = ["milliseconds of others beside", "seconds of it"]
    heads += [f"{name} {each}" for name in ("cached", "uncached") for each in _QUANTILES]
    rows = [
        [
            beside.name,
            beside.seconds,
            *_latencies(beside),
            max(beside.answered, default=None),
            max(beside.delivered, default=None),
        ]
        for beside in found
    ]
    return format_table([*heads, "longest POST", "longest POST to receipt"], rows)
