"""Holes by which one outsider once stopped a newsroom or its readers: as it was, and as it is.

Each is played against a server of its own, bounded in time and number, with limits lowered where
the shape of the attack stays the same; the row says so. `--before` names a checkout from before the
mending, which is played first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import CalledProcessError

import httpx

from bench.holes import (
    accounts,
    headers,
    installation,
    misconfiguration,
    passwords,
    power,
    reads,
    retraction,
    secrecy,
    transactions,
    waiting,
)
from bench.holes.hole import Hole
from bench.server import StartError
from bench.table import format_table

Say = Callable[[str], None]

HOLES: tuple[Hole, ...] = (
    *transactions.HOLES,
    *waiting.HOLES,
    *reads.HOLES,
    *secrecy.HOLES,
    *retraction.HOLES,
    *power.HOLES,
    *passwords.HOLES,
    *misconfiguration.HOLES,
    *accounts.HOLES,
    *headers.HOLES,
    *installation.HOLES,
)


@dataclass(frozen=True)
class Finding:
    """A row: what was seen in each of the programs, in their order."""

    item: int
    hole: str
    seen: tuple[str, ...]


def measure_holes(programs: Sequence[Path], only: Sequence[str], say: Say) -> list[Finding]:
    """Play the holes against each program.

    Args:
        programs: checkouts, the older one first.
        only: numbers of items, or words of which a hole's name holds one; all without any.
        say: told how far it is.
    """
    findings = []
    for hole in _chosen(only):
        seen = tuple(_play(hole, program) for program in programs)
        say(f"{hole.item}. {hole.name}: {' | '.join(seen)}")
        findings.append(Finding(hole.item, hole.name, seen))
    return findings


def _chosen(only: Sequence[str]) -> list[Hole]:
    return [hole for hole in HOLES if not only or any(_is_meant(hole, word) for word in only)]


def _is_meant(hole: Hole, word: str) -> bool:
    return word == str(hole.item) if word.isdigit() else word in hole.name


def _play(hole: Hole, program: Path) -> str:
    try:
        return hole.play(program)
    except (httpx.HTTPError, StartError, OSError, CalledProcessError, AssertionError) as error:
        return f"{type(error).__name__} {str(error).partition(chr(10))[0]}"


def tabulate_holes(findings: Sequence[Finding]) -> str:
    """A row for each hole."""
    is_compared = any(len(finding.seen) > 1 for finding in findings)
    heads = ["item", "hole", *(["as it was"] if is_compared else []), "as it is"]
    rows: list[list[float | str | None]] = [
        [str(finding.item), finding.hole, *finding.seen] for finding in findings
    ]
    return format_table(heads, rows)
