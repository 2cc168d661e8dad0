"""The command `python -m bench`: prints one table of figures to standard output."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.attack import measure_attack, tabulate_attack
from bench.beside import measure_beside, tabulate_beside
from bench.breadth import NUMBERS, measure_breadth
from bench.changes import measure_changes, tabulate_changes
from bench.clients import measure_clients, tabulate_clients
from bench.connects import measure_connects, tabulate_connects
from bench.dateline import ROOT
from bench.desk import measure_desk, tabulate_desk
from bench.faults import measure_faults, tabulate_faults
from bench.figures import measure_figures, tabulate_figures
from bench.fronts import measure_proxies, tabulate_proxies
from bench.growth import SIZES, measure_growth, tabulate_growth
from bench.history import measure_history, measure_wakes, tabulate_history
from bench.holes import measure_holes, tabulate_holes
from bench.installation import Absent
from bench.machine import describe_machine
from bench.media import measure_media, tabulate_media
from bench.memory import measure_memory, tabulate_memory
from bench.open_page import SIZES as OPEN_SIZES
from bench.open_page import measure_open_page, tabulate_open_page
from bench.page import JudgeError, measure_page, tabulate_page
from bench.polls import measure_polls, tabulate_polls
from bench.push import measure_push, tabulate_push
from bench.returns import measure_returns, tabulate_returns
from bench.start import measure_start, tabulate_start
from bench.tasks import measure_tasks, tabulate_tasks
from bench.writes import measure_writes, tabulate_writes


def say(line: str) -> None:
    """Report progress on standard error: standard output is for the tables."""
    print(line, file=sys.stderr, flush=True)


def _push(chosen: argparse.Namespace) -> tuple[str, Any]:
    rows = measure_push(chosen.conns, chosen.only, chosen.runs, say)
    figures = [
        {"system": row.system.name, "readers": row.conns, "trouble": row.trouble, "runs": row.runs}
        for row in rows
    ]
    return tabulate_push(rows), figures


def _history(chosen: argparse.Namespace) -> tuple[str, Any]:
    reads = measure_history(chosen.runs, chosen.seconds, say)
    wakes = measure_wakes(chosen.runs, 1000, say)
    figures = [{"read": read.name, "runs": read.runs} for read in reads]
    return tabulate_history(reads, wakes), [*figures, {"read": "long-polls", "runs": wakes}]


def _faults(chosen: argparse.Namespace) -> tuple[str, Any]:
    scenes = measure_faults(max(chosen.conns), chosen.only, say)
    return tabulate_faults(scenes), {scene.name: scene.figures for scene in scenes}


def _page(chosen: argparse.Namespace) -> tuple[str, Any]:
    verdicts = measure_page(chosen.runs, say)
    return tabulate_page(verdicts), [asdict(verdict) for verdict in verdicts]


def _desk(chosen: argparse.Namespace) -> tuple[str, Any]:
    sendings = measure_desk(chosen.times, say)
    return tabulate_desk(sendings), [asdict(sending) for sending in sendings]


def _media(chosen: argparse.Namespace) -> tuple[str, Any]:
    uploads, alone, during = measure_media(max(chosen.runs, 3), chosen.seconds, say)
    figures = {"uploads": [asdict(upload) for upload in uploads], "alone": alone, "during": during}
    return tabulate_media(uploads, alone, during), figures


def _proxies(chosen: argparse.Namespace) -> tuple[str, Any]:
    fronts = measure_proxies(chosen.only, chosen.outage, say)
    return tabulate_proxies(fronts), [asdict(front) for front in fronts]


def _clients(chosen: argparse.Namespace) -> tuple[str, Any]:
    readings = measure_clients(chosen.only, say)
    return tabulate_clients(readings), [asdict(reading) for reading in readings]


def _attack(chosen: argparse.Namespace) -> tuple[str, Any]:
    phases = measure_attack(max(chosen.seconds, 5), chosen.only, say)
    return tabulate_attack(phases), [asdict(phase) for phase in phases]


def _holes(chosen: argparse.Namespace) -> tuple[str, Any]:
    programs = [*([chosen.before] if chosen.before else []), chosen.program]
    findings = measure_holes([path.resolve() for path in programs], chosen.only, say)
    return tabulate_holes(findings), [asdict(finding) for finding in findings]


def _writes(chosen: argparse.Namespace) -> tuple[str, Any]:
    programs = [*([chosen.before] if chosen.before else []), chosen.program]
    costs = measure_writes(
        [path.resolve() for path in programs], chosen.runs, 10 * chosen.times, say
    )
    return tabulate_writes(costs), [asdict(cost) for cost in costs]


def _start(chosen: argparse.Namespace) -> tuple[str, Any]:
    programs = [*([chosen.before] if chosen.before else []), chosen.program]
    starts = measure_start([path.resolve() for path in programs], chosen.runs, chosen.only, say)
    return tabulate_start(starts), [asdict(start) for start in starts]


def _connects(chosen: argparse.Namespace) -> tuple[str, Any]:
    programs = [*([chosen.before] if chosen.before else []), chosen.program]
    openings = measure_connects(
        [path.resolve() for path in programs], min(chosen.conns), chosen.runs, say
    )
    return tabulate_connects(openings), [asdict(opening) for opening in openings]


def _polls(chosen: argparse.Namespace) -> tuple[str, Any]:
    programs = [*([chosen.before] if chosen.before else []), chosen.program]
    polls = measure_polls(
        [path.resolve() for path in programs], 50 * chosen.times, 4 * chosen.runs, say
    )
    return tabulate_polls(polls), [asdict(poll) for poll in polls]


def _returns(chosen: argparse.Namespace) -> tuple[str, Any]:
    programs = [*([chosen.before] if chosen.before else []), chosen.program]
    returns = measure_returns([path.resolve() for path in programs], chosen.conns, chosen.runs, say)
    return tabulate_returns(returns), [asdict(each) for each in returns]


def _changes(chosen: argparse.Namespace) -> tuple[str, Any]:
    absences = measure_changes((10, 1000, 20_000), chosen.times, say)
    return tabulate_changes(absences), [asdict(absence) for absence in absences]


def _figures(chosen: argparse.Namespace) -> tuple[str, Any]:
    events, reads = measure_figures(chosen.program.resolve(), chosen.runs, 5 * chosen.times, say)
    figures = {"events": [asdict(row) for row in events], "reads": [asdict(row) for row in reads]}
    return tabulate_figures(events, reads), figures


def _tasks(chosen: argparse.Namespace) -> tuple[str, Any]:
    programs = [*([chosen.before] if chosen.before else []), chosen.program]
    efforts = measure_tasks([path.resolve() for path in programs], chosen.only, say)
    return tabulate_tasks(efforts), [asdict(effort) for effort in efforts]


def _open_page(chosen: argparse.Namespace) -> tuple[str, Any]:
    programs = [*([chosen.before] if chosen.before else []), chosen.program]
    sizes = OPEN_SIZES if chosen.sizes == SIZES else chosen.sizes
    efforts = measure_open_page([path.resolve() for path in programs], sizes, chosen.runs, say)
    return tabulate_open_page(efforts), [asdict(effort) for effort in efforts]


def _growth(chosen: argparse.Namespace) -> tuple[str, Any]:
    costs = measure_growth(chosen.sizes, chosen.only, chosen.runs, say)
    return tabulate_growth(costs), [asdict(cost) for cost in costs]


def _breadth(chosen: argparse.Namespace) -> tuple[str, Any]:
    costs = measure_breadth(chosen.coverages, chosen.only, chosen.runs, say)
    return tabulate_growth(costs, "coverages"), [asdict(cost) for cost in costs]


def _beside(chosen: argparse.Namespace) -> tuple[str, Any]:
    program = chosen.program.resolve()
    found = measure_beside(program, max(chosen.sizes), chosen.only, say)
    return tabulate_beside(found), [asdict(beside) for beside in found]


def _memory(chosen: argparse.Namespace) -> tuple[str, Any]:
    growths = measure_memory(chosen.share, chosen.only, say)
    return tabulate_memory(growths), [
        {"load": growth.load.name, "times": growth.count, "stocks": growth.stocks}
        for growth in growths
    ]


TABLES = {
    "push": _push,
    "history": _history,
    "faults": _faults,
    "page": _page,
    "media": _media,
    "desk": _desk,
    "proxies": _proxies,
    "clients": _clients,
    "attack": _attack,
    "holes": _holes,
    "writes": _writes,
    "start": _start,
    "connects": _connects,
    "polls": _polls,
    "returns": _returns,
    "changes": _changes,
    "figures": _figures,
    "growth": _growth,
    "breadth": _breadth,
    "beside": _beside,
    "memory": _memory,
    "openpage": _open_page,
    "tasks": _tasks,
}


def read_command() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser("python -m bench", description=__doc__)
    parser.add_argument("table", nargs="?", choices=TABLES, default="push")
    parser.add_argument("--conns", nargs="+", type=int, default=[1000, 10_000], help="readers")
    parser.add_argument(
        "--only",
        nargs="+",
        default=[],
        help="run only systems, scenes, requests, tasks, works, loads, proxies, clients, attackers"
        " or vulnerabilities whose names contain one of the words; holes also takes item numbers",
    )
    parser.add_argument(
        "--program",
        type=Path,
        default=ROOT,
        help="the checkout that is measured",
    )
    parser.add_argument("--before", type=Path, help="an older checkout to compare with")
    parser.add_argument("--runs", type=int, default=3, help="of each; the lowest figure is used")
    parser.add_argument(
        "--times",
        type=int,
        default=40,
        help="publications at the desk; five times as many with figures; ten times as many writes;"
        " fifty times as many polls",
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=5,
        help="of each read of history, of each phase of an attack",
    )
    parser.add_argument("--outage", type=float, default=15, help="seconds of an outage per proxy")
    parser.add_argument(
        "--sizes",
        nargs="+",
        type=int,
        default=SIZES,
        help="entries of the coverages of growth and openpage; beside uses the largest",
    )
    parser.add_argument(
        "--coverages", nargs="+", type=int, default=NUMBERS, help="numbers of coverages of breadth"
    )
    parser.add_argument(
        "--share", type=float, default=1, help="of the clients of each load of memory"
    )
    parser.add_argument("--json", type=Path, help="a file for all figures")
    return parser.parse_args()


def main() -> None:
    """Run the chosen benchmark and print its table."""
    chosen = read_command()
    machine = describe_machine()
    try:
        table, figures = TABLES[chosen.table](chosen)
    except (Absent, JudgeError) as error:
        sys.exit(f"bench: {error}")
    print(f"{machine}\n\n{table}")
    if chosen.json:
        chosen.json.write_text(json.dumps({"machine": machine, "figures": figures}, indent=1))


if __name__ == "__main__":
    main()
