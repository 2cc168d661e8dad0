"""The first table: the cost of a delivery, in each system.

Runs alternate between the systems, so that other load on the machine affects all of them alike, and
of several runs the lowest figure is used: noise can only increase a figure.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench.dateline import record_event
from bench.generators import Figures, LoadError, start_fanload
from bench.installation import Absent
from bench.programs import BuildError
from bench.server import StartError
from bench.systems import FLOOR, POST_ALONE, SYSTEMS, System
from bench.table import format_table

Say = Callable[[str], None]
HEADS = (
    "system",
    "readers",
    "CPU µs a delivery",
    "of floor",
    "KiB a reader",
    "connect µs",
    "p50 ms",
    "p99 ms",
    "CPU µs saturated",
    "deliveries/s",
    "missing/twice/late",
)


@dataclass
class Row:
    """The measurements of one system with one number of readers."""

    system: System
    conns: int
    runs: list[Figures] = field(default_factory=list)
    trouble: str = ""

    def lowest(self, pick: Callable[[Figures], float]) -> float | None:
        """Return the lowest value of a figure over all runs."""
        return min((pick(run) for run in self.runs), default=None)

    @property
    def cpu(self) -> float | None:
        """CPU microseconds per delivery, with one message in flight at a time."""
        return self.lowest(lambda run: float(run["phases"][0]["cpu_us_per_delivery"]))

    def faults(self) -> str:
        """Missing, repeated and late messages, in all runs together."""
        sums = [
            sum(run["deliveries"][kind] for run in self.runs)
            for kind in ("missing", "missing_on_dropped", "duplicate", "out_of_order")
        ]
        return f"{sums[0] + sums[1]}/{sums[2]}/{sums[3]}"


def phases_for(system: System, conns: int) -> list[str]:
    """Return a system's phases: one message at a time, a slow steady rate, saturation."""
    if system.slow:
        return ["0:40:1", "2:8", "0:40:4"] if conns <= 1000 else ["0:8:1", "0.3:4", "0:8:4"]
    return ["0:200:1", "5:25", "0:200:4"] if conns <= 1000 else ["0:40:1", "1:15", "0:40:4"]


def _measure(row: Row, event: str, say: Say) -> None:
    system = row.system
    try:
        with system.start(event) as target:
            load = start_fanload(
                target,
                system.transport,
                row.conns,
                phases_for(system, row.conns),
                compressed=system.compressed,
            )
            row.runs.append(load.figures())
    except (Absent, BuildError, LoadError, StartError) as error:
        row.trouble = str(error).strip().splitlines()[-1]
        say(f"{system.name}, {row.conns}: {row.trouble}")
        return
    say(f"{system.name}, {row.conns}: {row.runs[-1]['phases'][0]['cpu_us_per_delivery']:.2f} µs")
    if not row.runs[-1]["whole"]:
        say(f"  incomplete: {row.runs[-1]['said']} {row.runs[-1]['connect']}")


def measure_push(conns: Sequence[int], only: Sequence[str], runs: int, say: Say) -> list[Row]:
    """Measure the systems whose names contain one of the words; all if there are no words.

    Args:
        conns: numbers of readers, in sequence.
        only: words; the floor is always measured, since all figures are compared with it.
        runs: the number of runs of each system.
        say: called after each run.
    """
    words = [word.lower() for word in only]
    chosen = [
        system
        for system in SYSTEMS
        if not words or system.name == FLOOR or any(word in system.name.lower() for word in words)
    ]
    rows = [Row(system, n) for n in conns for system in chosen]
    if any(row.system.name.startswith("Dateline") for row in rows):
        rows.append(Row(POST_ALONE, 1))
    event = record_event()
    say(f"every system publishes the same event of {len(event.encode())} bytes")
    for row in rows:
        if row.system.most and row.conns > row.system.most:
            row.trouble = f"too slow for more than {row.system.most:,}"
        try:
            say(f"{row.system.name}: {row.system.release()}")
        except Absent as error:
            row.trouble = f"absent: {error}"
    for _ in range(runs):
        for row in rows:
            if not row.trouble:
                _measure(row, event, say)
    return rows


def _steady(run: Figures, quantile: str) -> float:
    return float(run["phases"][1]["latency_us"][quantile]) / 1000


def tabulate_push(rows: Sequence[Row]) -> str:
    """Return the table; a system that could not be measured has its reason there."""
    floors = {row.conns: row.cpu for row in rows if row.system.name == FLOOR}
    lines: list[list[float | str | None]] = []
    for row in rows:
        if not row.runs:
            lines.append([f"{row.system.name}: {row.trouble}", str(row.conns), *[None] * 9])
            continue
        floor = floors.get(row.conns)
        busiest = row.lowest(lambda run: -float(run["phases"][2]["per_s"]))
        lines.append(
            [
                row.system.name,
                str(row.conns),
                row.cpu,
                row.cpu / floor if row.cpu and floor else None,
                row.lowest(lambda run: float(run["memory"]["rss_kib_each"])),
                row.lowest(lambda run: float(run["connect"]["cpu_us_each"])),
                row.lowest(lambda run: _steady(run, "p50")),
                row.lowest(lambda run: _steady(run, "p99")),
                row.lowest(lambda run: float(run["phases"][2]["cpu_us_per_delivery"])),
                -busiest if busiest is not None else None,
                row.faults(),
            ]
        )
    return format_table(HEADS, lines)
