"""The third table: the effect of failures and of bursts on readers."""

import json
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bench.dateline import ENTRIES, EVENTS, SOCKET, dateline, marked_entry
from bench.generators import Figures, start_fanload, start_readload
from bench.table import format_table

Say = Callable[[str], None]
Row = tuple[str, float | str | None]
STALLED = 500
BURST = 200
MISSED = 5
# 16 KiB, twice in an event. With the smallest buffers, the kernel still holds 1.6 MB for a
# reader, so that a stalled reader is not noticed before; 80 such events exceed that.
_LONG_BODY = "Two engines are on their way to the harbour. " * 364


@dataclass
class Scene:
    """The results of one scene: rows for the table, and all figures behind them."""

    name: str
    readers: int
    rows: list[Row]
    figures: dict[str, Figures]


def _faults(run: Figures) -> str:
    told = run["deliveries"]
    missing = told["missing"] + told["missing_on_dropped"]
    return f"{missing}/{told['duplicate']}/{told['out_of_order']}"


def _ms(figures: Figures, *quantiles: str) -> str:
    return " / ".join(f"{float(figures[name]) / 1000:,.1f}" for name in quantiles)


def _times(what: str, figures: Figures) -> Row:
    return f"{what}, p50 / p99 / longest, ms", _ms(figures, "p50", "p99", "max")


def measure_fairness(conns: int) -> Scene:
    """Read history while an event is broadcast every second."""
    with dateline() as server:
        target = server.target()
        alone = start_readload(target, ENTRIES, 4, 8, 50).figures()
        load = start_fanload(target, "sse", conns, ["1:20"])
        load.wait_for("connected")
        during = start_readload(target, ENTRIES, 4, 15, 50).figures()
        run = load.figures()
    rows = [
        _times("history GET alone", alone["latency_us"]),
        _times("history GET during broadcasts", during["latency_us"]),
        ("missing/twice/late", _faults(run)),
    ]
    return Scene("fairness", conns, rows, {"alone": alone, "during": during, "readers": run})


def measure_burst(conns: int) -> Scene:
    """Publish as fast as POSTs are answered, without waiting for deliveries."""
    with dateline() as server:
        run = start_fanload(server.target(), "sse", conns, [f"0:{BURST}:{BURST}"]).figures()
    phase = run["phases"][0]
    rows: list[Row] = [
        ("events", str(BURST)),
        ("CPU µs a delivery, including the POSTs", phase["cpu_us_per_delivery"]),
        ("seconds until every reader had every event", phase["seconds"]),
        ("deliveries in one read", phase["unique"] / max(1, run["deliveries"]["reads"])),
        _times("POST to receipt", phase["latency_us"]),
        ("missing/twice/late", _faults(run)),
    ]
    return Scene("burst", conns, rows, {"readers": run})


def _run_stalled(conns: int, stalled: int) -> Figures:
    body = json.dumps(marked_entry(_LONG_BODY))
    with dateline() as server:
        target = replace(server.target(), body=body)
        options = ("--stalled", str(stalled)) if stalled else ()
        return start_fanload(target, "sse", conns, ["2:80"], *options).figures()


def measure_stalled(conns: int) -> Scene:
    """Let some readers connect and never read, while long entries are published."""
    stalled = min(STALLED, conns // 2)
    # The same number of active readers in both runs: more readers alone would slow all of them.
    without, beside = _run_stalled(conns - stalled, 0), _run_stalled(conns, stalled)
    end = beside["stalled"]
    memory = beside["phases"][0]["rss_kib"]
    rows: list[Row] = [
        ("readers that never read", str(stalled)),
        _times("others without them", without["phases"][0]["latency_us"]),
        _times("others beside them", beside["phases"][0]["latency_us"]),
        ("RSS MiB before → after, without", _growth(without["phases"][0]["rss_kib"])),
        ("RSS MiB before → after, beside", _growth(memory)),
        ("caught up / disconnected and resumed / lost", _ends(end)),
        ("missing/twice/late", _faults(beside)),
    ]
    return Scene("stalled", conns, rows, {"without": without, "beside": beside})


def _growth(rss: Sequence[float]) -> str:
    return f"{rss[0] / 1024:.0f} → {rss[1] / 1024:.0f}"


def _ends(end: Figures) -> str:
    return f"{end['caught_up']} / {end['cut_and_returned']} / {end['lost']}"


def measure_return(conns: int, transport: str) -> Scene:
    """Disconnect all readers, publish, and let all return at once with their cursors."""
    with dateline(counted=True) as server:
        target = server.target(EVENTS if transport == "sse" else SOCKET)
        phases = ["0:20:4", f"away:{MISSED}", "2:5"]  # the last: whether the stream continues
        load = start_fanload(target, transport, conns, phases, "--in-flight", "2000")
        load.wait_for("returning")
        before = server.statements()
        load.wait_for("returned")
        asked = server.statements() - before
        run = load.figures()
    rows: list[Row] = [
        ("connect CPU µs each, including the replay", run["phases"][1]["cpu_us_per_reader"]),
        _times("return to each missed event", run["phases"][1]["latency_us"]),
        ("database statements while all returned", str(asked)),
        ("reset instead of replayed", str(run["deliveries"]["resets"])),
        ("missing/twice/late", _faults(run)),
    ]
    return Scene(f"return, {transport}", conns, rows, {"readers": run})


def measure_restart(conns: int, transport: str) -> Scene:
    """Stop the server by SIGTERM under its readers, and restart it on the same database."""
    with dateline() as server:
        target = server.target(EVENTS if transport == "sse" else SOCKET)
        load = start_fanload(target, transport, conns, ["5:100"], "--resume")
        load.wait_for("connected")
        time.sleep(5)
        assert server.process
        load.process.send_signal(signal.SIGUSR1)
        begun = time.monotonic()
        server.process.terminate()
        code = server.process.wait(60)
        lasted = time.monotonic() - begun
        server.start()
        run = load.figures()
    told, outage = run["connect"], run["outage"]
    codes = ", ".join(f"{number} with {code}" for code, number in outage["close_codes"].items())
    rows: list[Row] = [
        ("seconds from SIGTERM to exit; its code", f"{lasted:.1f}; {code}"),
        _times("SIGTERM to a reader's end", outage["closing_us"]),
        ("close codes" if transport == "ws" else "", codes),
        _times("`retry:` values received", outage["retry_us"]),
        ("disconnected / reconnected / refused meanwhile", _ways(told, outage)),
        ("missing/twice/late", _faults(run)),
    ]
    kept = [row for row in rows if row[0] and (transport == "sse" or "retry" not in row[0])]
    return Scene(f"restart, {transport}", conns, kept, {"readers": run})


def _ways(told: Figures, outage: Figures) -> str:
    return f"{outage['closing_us']['count']} / {told['resumed']} / {told['refused']}"


SCENES: dict[str, Callable[[int], Scene]] = {
    "fairness": measure_fairness,
    "burst": measure_burst,
    "stalled": measure_stalled,
    "return sse": lambda conns: measure_return(conns, "sse"),
    "return ws": lambda conns: measure_return(conns, "ws"),
    "restart sse": lambda conns: measure_restart(conns, "sse"),
    "restart ws": lambda conns: measure_restart(conns, "ws"),
}


def measure_faults(conns: int, only: Sequence[str], say: Say) -> list[Scene]:
    """Run the scenes whose names contain one of the words; all if there are no words."""
    chosen = [name for name in SCENES if not only or any(word in name for word in only)]
    scenes = []
    for name in chosen:
        scenes.append(SCENES[name](conns))
        for what, figure in scenes[-1].rows:
            say(f"{name}: {what}: {figure}")
    return scenes


def tabulate_faults(scenes: Sequence[Scene]) -> str:
    """Return the table, with a row for each figure."""
    lines = [
        [f"{scene.name}: {what}", str(scene.readers), figure]
        for scene in scenes
        for what, figure in scene.rows
    ]
    return format_table(("scene", "readers", "figure"), lines)
