"""Deno, the JavaScript runtime that checks the scripts and runs their unit tests.

Its Python package contains the program, with TypeScript, a linter, a formatter and a test runner,
so that no JavaScript package registry is needed.
"""

import os
import subprocess
from pathlib import Path

from deno import find_deno_bin

ROOT = Path(__file__).parents[2]


def run_deno(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run Deno to its end, without an update check."""
    return subprocess.run(
        [find_deno_bin(), *arguments],
        cwd=folder,
        env={**os.environ, "DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
