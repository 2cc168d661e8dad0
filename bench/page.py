"""Page benchmark: Lighthouse on the reader's page of the demonstration, while it replays."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bench.dateline import ROOT
from bench.generators import temporary_folder
from bench.installation import Absent, find
from bench.programs import SCRATCH
from bench.server import free_port, running
from bench.table import format_table

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
_CHROMIUM = "--headless=new --no-sandbox --disable-gpu --disable-background-networking"
_PATIENCE = 180  # seconds for one run
_TRIES = 3  # for a run whose trace Chromium did not record
_AGAIN = "Please run Lighthouse again"


class JudgeError(Exception):
    """Lighthouse returned no result; the message is its output."""


@dataclass(frozen=True)
class Verdict:
    """The result of one run in one category: the score, 0 to 100, and the failed audits."""

    category: str
    score: float
    complaints: tuple[str, ...]


@cache
def lighthouse() -> Path:
    """Return the program; install it with npm on first use."""
    folder = SCRATCH / "lighthouse"
    program = folder / "node_modules" / ".bin" / "lighthouse"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = [find("npm", "npm"), "install", "--prefix", str(folder), "--silent", "lighthouse"]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            raise Absent("npm cannot install lighthouse")
    return program


def measure_page(runs: int, say: Callable[[str], None]) -> list[Verdict]:
    """Run Lighthouse on the demonstration's page `runs` times in each category."""
    program = lighthouse()
    with temporary_folder() as folder:
        port = free_port()
        command = [sys.executable, "-m", "app", "demo", "--port", str(port)]
        environment = {"PYTHONPATH": str(ROOT)}
        with running(command, port, Path(folder), environment):
            url = f"http://127.0.0.1:{port}/coverages/apollo-11"
            verdicts = []
            for category in CATEGORIES:
                for run in range(runs):
                    say(f"{category}, run {run + 1} of {runs}")
                    verdicts.append(_verdict(category, _judge(program, url, category)))
            return verdicts


def _judge(program: Path, url: str, category: str) -> str:
    command = [
        str(program),
        url,
        f"--only-categories={category}",
        "--output=json",
        "--quiet",
        # A page with an open stream always has a pending request.
        "--max-wait-for-load=15000",
        f"--chrome-flags={_CHROMIUM}",
    ]
    paths = {"CHROME_PATH": find("chromium", "chromium"), "PATH": "/usr/local/bin:/usr/bin:/bin"}
    said = ""
    for _ in range(_TRIES):
        done = subprocess.run(
            command, env=paths, capture_output=True, text=True, check=False, timeout=_PATIENCE
        )
        if not done.returncode:
            return done.stdout
        said = (done.stderr.strip() or done.stdout)[-2000:]
        if _AGAIN not in said:
            break
    raise JudgeError(said)


def _verdict(category: str, output: str) -> Verdict:
    report: dict[str, Any] = json.loads(output)
    found = report["categories"][category]
    weights = {audit["id"]: audit["weight"] for audit in found["auditRefs"]}
    complaints = [
        f"{name} {audit.get('displayValue', '')}".strip()
        for name, audit in report["audits"].items()
        if weights.get(name) and audit["score"] is not None and audit["score"] < 1
    ]
    return Verdict(category, found["score"] * 100, tuple(complaints))


def tabulate_page(verdicts: list[Verdict]) -> str:
    """Return the table, with one row for each run."""
    rows: list[list[float | str | None]] = [
        [v.category, v.score, "; ".join(v.complaints)] for v in verdicts
    ]
    return format_table(["category", "score", "what took points off"], rows)
