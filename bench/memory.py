"""Memory benchmark: what a server still holds after many clients have come and gone.

Each load runs on a server of its own and an empty database, twice, the second time with new names
and addresses: what grows only the first time is a cache that fills, and what grows again without
reaching its bound is a leak. Before each reading the server is left alone until everything that is
kept for a minute has been forgotten. Every client connects from an address of its own, so that the
structures of the limits per address are used too.

The probe that reads the sizes (`bench/probe.py`) keeps the garbage collector from freezing what was
imported, and makes the process larger: compare only differences of resident memory.
"""

import json
import socket
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.dateline import ENTRIES, EVENTS, LIMITS, SLUG, SOCKET, Dateline, dateline
from bench.exchange import exchange, request
from bench.table import format_table

Say = Callable[[str], None]
QUIET = 65.0  # seconds: topics, windows and credentials are kept for a minute
_WARM = 100  # requests of each kind that load what is loaded when it is first needed
_SHOWN = 32  # a structure is listed if its size has changed by more
_COUNTED = ("app.", "_asyncio.", "asyncio.", "uvloop.", "uvicorn.")  # whose objects are listed
_DEFAULTS = {name: LIMITS[name] for name in ("DATELINE_LOG_LEVEL", "DATELINE_WRITES_PER_MINUTE")}
# All anonymous clients together get a small share of the loop's time, so these loads would take
# hours.
_UNPACED = {**_DEFAULTS, "DATELINE_LOOP_SHARE": "1"}
_SSE = {"Accept": "text/event-stream"}
_UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
_STREAMS = (
    (EVENTS, _SSE),
    (EVENTS, {**_SSE, "Accept-Encoding": "gzip"}),
    (SOCKET, _UPGRADE),
    (SOCKET, {**_UPGRADE, "Sec-WebSocket-Extensions": "permessage-deflate"}),
)


@dataclass(frozen=True)
class Load:
    """Something that many clients do.

    Args:
        name: what they do.
        count: how many of them there are.
        run: does it for each of the numbers.
        limits: the server's settings.
    """

    name: str
    count: int
    run: Callable[[Dateline, range], None]
    limits: Mapping[str, str] = field(default_factory=lambda: _DEFAULTS)


@dataclass
class Growth:
    """What a server held before a load, after it, and after the second time; each a probe's."""

    load: Load
    count: int
    stocks: list[dict[str, Any]] = field(default_factory=list)


def _post(server: Dateline, path: str, records: Iterable[object], *, at_once: int = 8) -> None:
    """Send each of these records with the newsroom's key."""
    headers = {"Authorization": f"Bearer {server.key}", "Content-Type": "application/json"}
    bodies = (json.dumps(record).encode() for record in records)
    posts = (request(path, headers, method="POST", body=body) for body in bodies)
    _finish(exchange(server.port, posts, {201}, at_once=at_once))


def _finish(answers: Iterable[bytes]) -> None:
    for _ in answers:
        pass


def _connect(server: Dateline, numbers: range) -> None:
    streams = [request(path, headers) for path, headers in _STREAMS]
    opened = (streams[number % len(streams)] for number in numbers)
    _finish(exchange(server.port, opened, {101, 200}, is_stream=True))


def _ask_unknown(server: Dateline, numbers: range) -> None:
    kinds: Sequence[tuple[str, Mapping[str, str]]] = (
        ("/coverages/{}", {}),
        ("/v1/coverages/{}", {}),
        ("/v1/coverages/{}/entries", {}),
        ("/v1/coverages/{}/events", _SSE),
        ("/v1/coverages/{}/socket", _UPGRADE),
    )
    chosen = ((number, *kinds[number % len(kinds)]) for number in numbers)
    asked = (request(path.format(f"unknown-{n}"), headers) for n, path, headers in chosen)
    # The server of a refused WebSocket waits for the client to close it.
    _finish(exchange(server.port, asked, {101, 404}, at_once=20, is_stream=True))


def _publish(server: Dateline, numbers: range) -> None:
    body = "Two *engines* are on their way to the harbour."
    _post(server, ENTRIES, ({"headline": f"Report {n}", "body": body} for n in numbers))


def _open_coverages(server: Dateline, numbers: range) -> None:
    slugs = [f"story-{number}" for number in numbers]
    _post(server, "/v1/coverages", ({"slug": slug, "title": slug} for slug in slugs))
    for slug in slugs:
        _post(server, f"/v1/coverages/{slug}/entries", [{"headline": "The only report"}])
    streams = (request(f"/v1/coverages/{slug}/events", _SSE) for slug in slugs)
    _finish(exchange(server.port, streams, {200}, is_stream=True))


def _ask_again(server: Dateline, numbers: range) -> None:
    """Ask for different addresses of known pages, and then whether they have changed."""
    page, entries = f"/coverages/{SLUG}", f"/v1/coverages/{SLUG}/entries"
    kinds = (
        *(f"{page}?tag=tag-{{n}}", f"{page}?utm_source={{n}}", f"{page}?at={{at}}"),
        *(f"{entries}?tag=tag-{{n}}", f"{entries}?at={{at}}", f"{page}/search?q=word{{n}}"),
    )
    chosen = ((number, kinds[number % len(kinds)]) for number in numbers)
    paths = (path.format(n=n, at=f"2999-01-01T00:00:00.{n:06}Z") for n, path in chosen)
    for path in paths:
        (answer,) = exchange(server.port, [request(path)], {200})
        etag = answer.partition(b"\r\netag: ")[2].partition(b"\r\n")[0].decode()
        _finish(exchange(server.port, [request(path, {"If-None-Match": etag})], {304}))


def _sign_in(server: Dateline, numbers: range) -> None:
    headers = {"Origin": server.url, "Content-Type": "application/x-www-form-urlencoded"}
    forms = ({"email": f"n{n}@example.org", "password": "a long walk home"} for n in numbers)
    bodies = (urlencode(form).encode() for form in forms)
    tries = (request("/desk/sign-in", headers, method="POST", body=body) for body in bodies)
    _finish(exchange(server.port, tries, {401}, at_once=4))


LOADS = (
    Load("connects and disconnects", 100_000, _connect),
    Load("unknown slugs", 20_000, _ask_unknown, _UNPACED),
    Load("posts", 20_000, _publish),
    Load("coverages", 2_000, _open_coverages),
    Load("addresses of pages", 20_000, _ask_again, _UNPACED),
    Load("failed sign-ins", 5_000, _sign_in, _UNPACED),
)


def measure_memory(
    share: float, only: Sequence[str], say: Say, quiet: float = QUIET
) -> list[Growth]:
    """Measure the loads whose names contain one of the words; all if there are no words.

    Args:
        share: of the full number of clients.
        only: the words.
        say: called with progress messages.
        quiet: seconds without a request before each reading.
    """
    growths = []
    for load in LOADS:
        if any(word.lower() in load.name for word in only or [""]):
            growth = Growth(load, max(1, round(load.count * share)))
            with dateline(limits=load.limits, is_probed=True) as server:
                _fill(server)
                load.run(server, range(_WARM))
                _read(server)  # this creates the dictionaries of attributes that it reads
                for turn in range(3):
                    if turn:
                        first = _WARM + (turn - 1) * growth.count
                        began = time.monotonic()
                        load.run(server, range(first, first + growth.count))
                        say(f"{load.name}: {growth.count:,} in {time.monotonic() - began:.0f} s")
                    time.sleep(quiet)
                    growth.stocks.append(_read(server))
            growths.append(growth)
    return growths


def _fill(server: Dateline) -> None:
    _post(server, ENTRIES, ({"headline": f"Report {n}", "tags": ["first"]} for n in range(30)))


def _read(server: Dateline) -> dict[str, Any]:
    """Return what the probe finds, with the resident memory and its peak in KiB."""
    assert server.process
    with socket.socket(socket.AF_UNIX) as probe, probe.makefile("rb") as answer:
        probe.connect(str(server.probe))
        stock: dict[str, Any] = json.load(answer)
    for line in Path(f"/proc/{server.process.pid}/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name in {"VmRSS", "VmHWM"}:
            stock[name] = int(value.split()[0])
    return stock


def _counts(stock: Mapping[str, Any]) -> dict[str, int]:
    """Return the sizes of all structures, and the numbers of this program's objects."""
    own = {
        f"{name} objects": number
        for name, number in stock["types"].items()
        if name.startswith(_COUNTED)
    }
    return {**stock["sizes"], **own}


def tabulate_memory(growths: Sequence[Growth]) -> str:
    """Return a table of the memory, and one of the structures that have changed."""
    heads = ["load", "times", "RSS MiB", "first +", "second +", "peak", "blocks", "first +"]
    heads += ["second +"]
    rows: list[list[float | str | None]] = []
    structures: list[list[float | str | None]] = []
    for growth in growths:
        second = growth.stocks[-1]
        rss = [stock["VmRSS"] / 1024 for stock in growth.stocks]
        blocks = [stock["blocks"] for stock in growth.stocks]
        peak = second["VmHWM"] / 1024
        row = [f"{growth.count:,}", rss[0], rss[1] - rss[0], rss[2] - rss[1], peak]
        grown = [f"{n:,}" for n in (blocks[0], blocks[1] - blocks[0], blocks[2] - blocks[1])]
        rows.append([growth.load.name, *row, *grown])
        counts = [_counts(stock) for stock in growth.stocks]
        for name in sorted(set[str]().union(*counts)):
            sizes = [each.get(name, 0) for each in counts]
            if max(sizes) - min(sizes) > _SHOWN:
                bound = second["bounds"].get(name)
                cells = [f"{size:,}" for size in sizes]
                structures.append([growth.load.name, name, *cells, bound and f"{bound:,}"])
    names = ["load", "structure", "before", "after the first", "after the second", "bound"]
    return f"{format_table(heads, rows)}\n\n{format_table(names, structures)}"
