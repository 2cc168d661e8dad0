"""Run the fuzzing client of Autobahn|Testsuite against a WebSocket echo server.

    python -m tests.conformance.autobahn --url ws://127.0.0.1:9001
    python -m tests.conformance.autobahn --url ws://127.0.0.1:9001 --cases 1-7 9 10 12.1 13.1.1

Needs Python 2.7, for which PyPI's `autobahntestsuite` is written: on the PATH, under pyenv, or
named with --python. The suite is installed once, with pip, into its own folder. Prints one line per
group and each failed case; exits with 1 if a case failed and with 2 if the suite could not run.

The server must accept messages of 16 MiB in any number of fragments, and must negotiate
permessage-deflate for groups 12 and 13. Groups 12 and 13 take some minutes each, the others
seconds.
"""

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

SUITE = "autobahntestsuite==25.10.1"
GROUPS = ["1-7", "9", "10", "12", "13"]
OUTCOMES = ("passed", "non-strict", "informational", "unimplemented", "failed")
_AGENT = "server"
_LIST = """\
import site, sys
site.addsitedir(sys.argv[1])
from autobahntestsuite.case import Cases, CaseBasename
print(" ".join(c.__name__[len(CaseBasename):].replace("_", ".") for c in Cases))
"""
_RUN = """\
import site, sys
site.addsitedir(sys.argv[1])
sys.argv = ["wstest", "-m", "fuzzingclient", "-s", "spec.json"]
from autobahntestsuite.wstest import run
run()
"""


class CannotRun(Exception):
    """The suite could not run; the message has the reason."""


def default_folder() -> Path:
    """Return the folder of the suite and its reports."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "dateline-autobahn"


def find_python(named: str | None) -> str:
    """Find a working Python 2.7.

    Args:
        named: the interpreter to use; None searches the PATH and pyenv.

    Raises:
        CannotRun: no Python 2.7 was found.
    """
    for candidate in [named] if named else _candidates():
        program = "import sys; sys.stdout.write('%d.%d' % sys.version_info[:2])"
        if _output_of(candidate, "-c", program) == "2.7":
            return candidate
    raise CannotRun("no Python 2.7 found: name one with --python")


def _candidates() -> Iterator[str]:
    yield "python2.7"
    yield "python2"
    for version in _output_of("pyenv", "versions", "--bare").split():
        if version.startswith("2.7"):
            yield f"{_output_of('pyenv', 'prefix', version)}/bin/python2.7"


def _output_of(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def install(python: str, folder: Path) -> Path:
    """Install the suite with its dependencies if it is missing, and return its folder.

    Raises:
        CannotRun: pip failed.
    """
    packages, marker = folder / SUITE, folder / f"{SUITE}.installed"
    if marker.exists():
        return packages
    folder.mkdir(parents=True, exist_ok=True)
    sys.stdout.write(f"Installing {SUITE} into {packages}\n")
    command = [python, "-m", "pip", "install", "--upgrade", "--target", str(packages), SUITE]
    completed = subprocess.run(command, capture_output=True, text=True, check=False)
    if completed.returncode:
        raise CannotRun(f"pip could not install {SUITE}:\n{completed.stdout}{completed.stderr}")
    marker.touch()
    return packages


def chosen_cases(known: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return the suite's cases that match the names: `1-7`, `12`, `12.1`, `1.1.1`.

    Raises:
        CannotRun: a name matches no case and no group.
    """
    chosen: list[str] = []
    for name in names:
        first, _, last = name.partition("-")
        groups = [str(n) for n in range(int(first), int(last) + 1)] if last else [first]
        matches = [case for case in known if any(f"{case}.".startswith(f"{g}.") for g in groups)]
        if not matches:
            raise CannotRun(f"the suite has no case and no group {name}")
        chosen += matches
    return chosen


def run_suite(
    python: str, folder: Path, url: str, names: Sequence[str], patience: float
) -> dict[str, Any]:
    """Run the cases and return the suite's report of each, by case number.

    Raises:
        CannotRun: not all of the cases ran.
    """
    packages, reports = install(python, folder), folder / "reports"
    cases = chosen_cases(_output_of(python, "-c", _LIST, str(packages)).split(), names)
    (reports / "index.json").unlink(missing_ok=True)
    server = {"agent": _AGENT, "url": url, "options": {"version": 18}}
    spec = {
        "outdir": str(reports),
        "servers": [server],
        "cases": cases,
        "exclude-cases": [],
        "exclude-agent-cases": {},
    }
    (folder / "spec.json").write_text(json.dumps(spec))
    command = [python, "-u", "-c", _RUN, str(packages)]
    with (folder / "log").open("w") as log, suppress(subprocess.TimeoutExpired):
        # Cases end by themselves; only a failure of the suite itself would hang.
        subprocess.run(command, cwd=folder, stdout=log, stderr=log, check=False, timeout=patience)
    index = reports / "index.json"
    index_by_agent: dict[str, Any] = json.loads(index.read_text() if index.exists() else "{}")
    ran: dict[str, Any] = index_by_agent.get(_AGENT, {})
    if len(ran) < len(set(cases)):
        log_text = (folder / "log").read_text(errors="replace")
        raise CannotRun(f"{len(ran)} of {len(set(cases))} cases were reported:\n{log_text[-1000:]}")
    return ran


def outcome(case: Mapping[str, Any]) -> str:
    """Return one of OUTCOMES for the suite's report of a case."""
    behaviour, close_behaviour = case["behavior"], case["behaviorClose"]
    if behaviour == "UNIMPLEMENTED":
        return "unimplemented"  # extension parameters that the server does not grant
    if behaviour not in {"OK", "NON-STRICT", "INFORMATIONAL"}:
        return "failed"
    if close_behaviour in {"FAILED", "WRONG CODE", "UNCLEAN"}:
        return "failed"
    if "INFORMATIONAL" in (behaviour, close_behaviour):
        return "informational"
    return "passed" if behaviour == "OK" else "non-strict"


def print_report(ran: Mapping[str, Any], reports: Path) -> int:
    """Print one line per group and each failed case, and return the number of failures."""
    groups: dict[int, Counter[str]] = {}
    failed = []
    for number, case in ran.items():
        result = outcome(case)
        groups.setdefault(int(number.partition(".")[0]), Counter())[result] += 1
        if result == "failed":
            failed.append((number, case))
    sys.stdout.write(f"{'group':>5}" + "".join(f"{name:>15}" for name in OUTCOMES) + "\n")
    for group, counts in sorted(groups.items()):
        columns = "".join(f"{counts[name]:>15}" for name in OUTCOMES)
        sys.stdout.write(f"{group:>5}{columns}\n")
    for number, case in failed:
        report = json.loads((reports / case["reportfile"]).read_text())
        why = f"{report['result']} {report['resultClose']}"
        sys.stdout.write(f"{number} failed ({case['behavior']}, {case['behaviorClose']}): {why}\n")
    return len(failed)


def main() -> int:
    """Read the command line and run the suite."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.conformance.autobahn",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--url", required=True, help="the echo, such as ws://127.0.0.1:9001")
    parser.add_argument(
        "--cases", nargs="+", default=GROUPS, help=f"groups or cases; {' '.join(GROUPS)} by default"
    )
    parser.add_argument("--python", help="a Python 2.7 with pip")
    parser.add_argument("--patience", type=float, default=1800, help="seconds for all cases")
    parser.add_argument("--folder", type=Path, default=default_folder(), help="kept between runs")
    chosen = parser.parse_args()
    folder = chosen.folder.absolute()
    try:
        python = find_python(chosen.python)
        ran = run_suite(python, folder, chosen.url, chosen.cases, chosen.patience)
    except CannotRun as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 1 if print_report(ran, folder / "reports") else 0


if __name__ == "__main__":
    raise SystemExit(main())
