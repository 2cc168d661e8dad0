"""Past vulnerabilities by which one client could stop a newsroom or its readers, replayed.

Each runs against its own server, with bounded time and numbers, and with lower limits where that
does not change the kind of attack; the row says so. `--before` names a checkout without the fixes,
which is tested first.
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
    """A row: the results in each of the checkouts, in their order."""

    item: int
    hole: str
    seen: tuple[str, ...]


def measure_holes(programs: Sequence[Path], only: Sequence[str], say: Say) -> list[Finding]:
    """Replay the vulnerabilities against each checkout.

    Args:
        programs: checkouts, the older one first.
        only: item numbers, or words, one of which has to be in a name; empty for all.
        say: called with progress messages.
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
    """Return the table, with a row for each vulnerability."""
    is_compared = any(len(finding.seen) > 1 for finding in findings)
    heads = ["item", "vulnerability", *(["as it was"] if is_compared else []), "as it is"]
    rows: list[list[float | str | None]] = [
        [str(finding.item), finding.hole, *finding.seen] for finding in findings
    ]
    return format_table(heads, rows)
