"""Deno, the JavaScript runtime that checks the scripts and runs their unit tests.

Its package brings the program itself, with TypeScript, a linter, a formatter and a test runner, so
that nothing is needed from a registry of JavaScript packages.
"""

import os
import subprocess
from pathlib import Path

from deno import find_deno_bin

ROOT = Path(__file__).parents[2]


def run_deno(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run Deno to its end; it asks for no newer version of itself, and fetches nothing."""
    return subprocess.run(
        [find_deno_bin(), *arguments],
        cwd=folder,
        env={**os.environ, "DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
