"""Attack benchmark: the effect of eleven hostile clients on deliveries and POSTs elsewhere.

The same figures are measured twice on one server, at rest and under attack: the time from an
entry's POST until each of twenty readers has it, the time of the POST itself, and the memory of the
server's processes. Only the ratios are meaningful, since the attackers share the machine.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx

from bench.attackers import BEGINS, BUSY, ENTRIES, KINDS
from bench.dateline import ROOT, SLUG, Dateline, dateline
from bench.media import make_picture
from bench.server import end
from bench.table import format_table

Say = Callable[[str], None]
READERS = 20
_EVERY = 0.1  # seconds between two POSTs
_PATIENCE = 20.0  # seconds for a POST
_LAST = 3.0  # seconds to wait for the last deliveries
# The default limits of an installation, because their effect is measured.
_DEFAULTS = {"DATELINE_LOG_LEVEL": "error"}


@dataclass
class Phase:
    """The measurements of one phase, at rest or under attack; times are milliseconds."""

    name: str
    deliveries: list[float] = field(default_factory=list)
    posts: list[float] = field(default_factory=list)
    memory: float = 0.0  # MiB of all processes, the maximum
    missing: int = 0

    @property
    def delivery_p99(self) -> float:
        """The 99th percentile of the delivery times in milliseconds."""
        return _at(self.deliveries, 0.99)

    def row(self) -> list[float | str | None]:
        """Return the figures of the table row."""
        return [
            _at(self.deliveries, 0.5),
            self.delivery_p99,
            _at(self.posts, 0.5),
            _at(self.posts, 0.99),
            self.memory,
            str(self.missing),
        ]


def _at(times: Sequence[float], share: float) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("inf")


def measure_attack(
    seconds: float, only: Sequence[str], say: Say, program: Path = ROOT
) -> list[Phase]:
    """Measure at rest and then under attack.

    Args:
        seconds: of each phase.
        only: names of attackers; if empty, the default ones.
        say: called with progress messages.
        program: the checkout that is attacked.
    """
    with dateline(limits=_DEFAULTS, program=program) as server:
        say(f"filling a coverage with {ENTRIES:,} entries")
        contributor = _fill(server)
        phases = [asyncio.run(_measure(server, "at rest", seconds))]
        say(f"attackers: {', '.join(only) or ', '.join(kind.__name__ for kind in KINDS)}")
        with _attackers(server, contributor, only):
            time.sleep(3)
            phases.append(asyncio.run(_measure(server, "under attack", seconds)))
    for phase in phases:
        say(f"{phase.name}: deliveries p99 {phase.delivery_p99:.1f} ms")
    return phases


def _fill(server: Dateline) -> str:
    """Import the coverage that is attacked; return a contributor's key for it."""
    content = b"".join(json.dumps(line).encode() + b"\n" for line in _archive())
    headers = {"Content-Type": "application/x-ndjson"}
    with server.client() as client:
        client.post("/v1/imports", content=content, headers=headers).raise_for_status()
        asked = {"name": "hostile", "role": "contributor", "coverage": BUSY}
        made = client.post("/v1/keys", json=asked).raise_for_status()
    return str(made.json()["key"])


def _archive() -> Iterator[object]:
    opened = {"slug": BUSY, "title": "A long day", "status": "live", "language": "en"}
    begins = {"at": BEGINS.isoformat(), "coverage": BUSY}
    yield {"format": "dateline-journal", "version": 1}
    made = {"details": opened | {"created_at": begins["at"]}}
    yield {"seq": 1, "type": "coverage.opened", **begins, **made}
    for seq in range(2, ENTRIES + 2):
        at = (BEGINS + timedelta(seconds=seq)).isoformat()
        entry = {
            "id": f"{seq:016x}",
            "revision": 1,
            "status": "published",
            "headline": f"Report {seq}",
            "body": {"html": f"<p>{'Two engines are on their way. ' * 8}</p>"},
            "published_at": at,
            "updated_at": at,
            "language": "en",
        }
        yield {"seq": seq, "type": "entry.published", **begins, "at": at, "entry": entry}
    yield {"end": {"events": ENTRIES + 1, "drafts": 0}}


@contextmanager
def _attackers(server: Dateline, key: str, only: Sequence[str]) -> Iterator[None]:
    picture = server.folder / "picture.jpg"
    picture.write_bytes(make_picture())
    command = [sys.executable, "-m", "bench.attackers", str(server.port)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, cwd=ROOT, start_new_session=True, text=True
    )
    assert process.stdin
    told = {"key": key, "picture": str(picture), "only": list(only)}
    process.stdin.write(json.dumps(told) + "\n")
    process.stdin.flush()
    try:
        yield
    finally:
        end(process)  # type: ignore[arg-type]


async def _measure(server: Dateline, name: str, seconds: float) -> Phase:
    phase = Phase(name)
    sent: dict[str, float] = {}
    async with asyncio.TaskGroup() as tasks:
        ready = [asyncio.Event() for _ in range(READERS)]
        readers = [tasks.create_task(_read(server, phase, sent, event)) for event in ready]
        watch = tasks.create_task(_watch(server, phase))
        with suppress(TimeoutError):
            async with asyncio.timeout(60):
                await asyncio.gather(*(event.wait() for event in ready))
        await _publish(server, phase, sent, seconds)
        await asyncio.sleep(_LAST)
        for task in (*readers, watch):
            task.cancel()
    phase.missing = READERS * len(sent) - len(phase.deliveries)
    return phase


async def _publish(server: Dateline, phase: Phase, sent: dict[str, float], seconds: float) -> None:
    headers = {"Authorization": f"Bearer {server.key}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=_PATIENCE) as tool:
        until = time.perf_counter() + seconds
        while (begun := time.perf_counter()) < until:
            name = f"{phase.name} {len(sent)}"
            sent[name] = begun
            try:
                path = f"/v1/coverages/{SLUG}/entries"
                (await tool.post(path, json={"headline": name})).raise_for_status()
            except httpx.HTTPError:
                phase.posts.append(float("inf"))
            else:
                phase.posts.append((time.perf_counter() - begun) * 1000)
            took = time.perf_counter() - begun
            await asyncio.sleep(max(0.0, _EVERY - took))


async def _read(
    server: Dateline, phase: Phase, sent: dict[str, float], ready: asyncio.Event
) -> None:
    path = f"/v1/coverages/{SLUG}/events"
    while True:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(
                f"GET {path} HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n".encode()
            )
            try:
                while line := await reader.readline():
                    if line.startswith(b"id:"):
                        ready.set()
                    elif line.startswith(b"data:") and b'"entry"' in line:
                        name = json.loads(line[5:])["entry"]["headline"]
                        phase.deliveries.append((time.perf_counter() - sent[name]) * 1000)
            finally:
                writer.close()
        await asyncio.sleep(0.1)


async def _watch(server: Dateline, phase: Phase) -> None:
    assert server.process
    while True:
        phase.memory = max(phase.memory, _memory(server.process.pid))
        await asyncio.sleep(0.5)


def _memory(pid: int) -> float:
    """Return the resident set size of a process in MiB."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    return 0.0


def tabulate_attack(phases: Sequence[Phase]) -> str:
    """Return the table, with a row for each phase and one for the ratios."""
    heads = ["milliseconds", "delivery p50", "delivery p99", "POST p50", "POST p99"]
    heads += ["RSS MiB", "missing"]
    rows: list[list[float | str | None]] = [[phase.name, *phase.row()] for phase in phases]
    rest, attacked = phases
    ratios = [
        _at(attacked.deliveries, share) / _at(rest.deliveries, share) for share in (0.5, 0.99)
    ]
    ratios += [_at(attacked.posts, share) / _at(rest.posts, share) for share in (0.5, 0.99)]
    rows.append(["attacked / at rest", *ratios, f"+{attacked.memory - rest.memory:.0f}", "-"])
    return format_table(heads, rows)
