"""The checks of the house, each a promise; together they are the one command for all of them."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.scripts.runtime import run_deno

ROOT = Path(__file__).parents[2]
CHECKS = {
    "ruff": ["ruff", "check", "--no-cache", "."],
    "format": ["ruff", "format", "--no-cache", "--check", "."],
    "mypy": ["mypy", "app", "migrations/versions", "bench"],
    "imports": ["importlinter.cli", "lint_imports"],
    "templates": ["djlint", "--lint", "--check", "app"],
}


@pytest.mark.parametrize("name", CHECKS)
def test_the_house_is_in_order(name: str) -> None:
    """Linting, formatting, docstrings of promises, types, the way of imports and templates hold."""
    module, *arguments = CHECKS[name]
    if name == "imports":
        program = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"
        command = [sys.executable, "-c", program]
    else:
        command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# The scripts are held like the rest: deno.json says how strictly.
SCRIPT_CHECKS = {
    "types": ["check", "--no-remote", "--no-npm", "app", "tests"],
    "lint": ["lint"],
    "format": ["fmt", "--check"],
}


@pytest.mark.parametrize("name", SCRIPT_CHECKS)
def test_the_scripts_are_in_order(name: str) -> None:
    """Types by JSDoc, linting and formatting of every script hold."""
    done = run_deno(*SCRIPT_CHECKS[name])
    assert done.returncode == 0, done.stdout + done.stderr
