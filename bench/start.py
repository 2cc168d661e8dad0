"""Start benchmark: the processor time of the commands of `dateline`, and of a server until ready.

Processor time is counted, of all threads and child processes, and not the time that passes. The
commands run in a folder with a database that a server has created; `post` sends its entry to that
server. Rounds alternate between the checkouts; the lowest figure of each row counts. Before them
stand the interpreter alone and FastAPI alone, in the same interpreter.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

import httpx

from bench.dateline import SLUG, Dateline, dateline
from bench.server import StartError, end
from bench.table import format_table
from bench.writes import processor_time

_PATIENCE = 60.0  # seconds for a server to answer
_COMMANDS = {
    "dateline --help": ("--help",),
    "dateline post": ("post", SLUG, "Smoke over pier 4."),
    "dateline key create": ("key", "create", "bench"),
    "dateline person list": ("person", "list"),
}
_SERVE = "dateline serve, until ready"


@dataclass(frozen=True)
class Start:
    """Seconds of processor time of one command, one value per round."""

    program: str
    command: str
    seconds: tuple[float, ...]


def measure_start(
    programs: Sequence[Path], rounds: int, only: Sequence[str], say: Callable[[str], None]
) -> list[Start]:
    """Run every command in every checkout, in each round."""
    found: dict[tuple[Path, str], list[float]] = {}
    for number in range(rounds + 1):  # the first round compiles the modules, and is dropped
        for program in programs:
            say(f"round {number} of {program}")
            for command, seconds in _measure(program, only).items():
                found.setdefault((program, command), []).append(seconds)
    return [
        Start(str(program), command, tuple(seconds[1:]))
        for (program, command), seconds in found.items()
    ]


def _measure(program: Path, only: Sequence[str]) -> dict[str, float]:
    with dateline(program=program) as server:
        own = {
            "python -c pass": ["-c", "pass"],
            "python -c 'import fastapi'": ["-c", "import fastapi"],
            **{name: ["-m", "app", *words] for name, words in _COMMANDS.items()},
        }
        environment = {"DATELINE_URL": server.url, "DATELINE_API_KEY": server.key}
        seconds = {
            name: _time_of(server, words, environment)
            for name, words in own.items()
            if _is_chosen(name, only)
        }
        if _is_chosen(_SERVE, only):
            server.stop()
            seconds[_SERVE] = _time_until_ready(server)
        return seconds


def _is_chosen(name: str, only: Sequence[str]) -> bool:
    return not only or any(word in name for word in only)


def _time_of(server: Dateline, words: Sequence[str], environment: dict[str, str]) -> float:
    process = _start(server, words, environment)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise StartError(f"{' '.join(words)} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def _time_until_ready(server: Dateline) -> float:
    process = _start(server, ["-m", "app", "serve"], {})
    try:
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline and process.poll() is None:
            with suppress(httpx.TransportError):
                if httpx.get(f"{server.url}/healthz").is_success:
                    return processor_time(process.pid) / 1000
            time.sleep(0.01)
        raise StartError("the server did not answer")
    finally:
        end(process)


def _start(
    server: Dateline, words: Sequence[str], environment: dict[str, str]
) -> subprocess.Popen[bytes]:
    with TemporaryFile() as output:
        return subprocess.Popen(
            [sys.executable, *words],
            cwd=server.folder,
            env=os.environ | server.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def tabulate_start(starts: Sequence[Start]) -> str:
    """Return the table: a row for each command, a column for each checkout."""
    programs = list(dict.fromkeys(start.program for start in starts))
    lowest = {(start.command, start.program): min(start.seconds) for start in starts}
    rows: list[list[float | str | None]] = [
        [command, *(lowest[command, program] for program in programs)]
        for command in dict.fromkeys(start.command for start in starts)
    ]
    return format_table(["CPU seconds", *programs], rows)
