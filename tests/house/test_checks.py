"""The static checks, each as a test."""

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
    """Linting, formatting, types, import layers and templates pass."""
    module, *arguments = CHECKS[name]
    if name == "imports":
        program = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"
        command = [sys.executable, "-c", program]
    else:
        command = [sys.executable, "-m", module, *arguments]
    completed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert completed.returncode == 0, completed.stdout + completed.stderr


# deno.json has the rules for the scripts.
SCRIPT_CHECKS = {
    "types": ["check", "--no-remote", "--no-npm", "app", "tests"],
    "lint": ["lint"],
    "format": ["fmt", "--check"],
}


@pytest.mark.parametrize("name", SCRIPT_CHECKS)
def test_the_scripts_are_in_order(name: str) -> None:
    """Type checks by JSDoc, linting and formatting of all scripts pass."""
    completed = run_deno(*SCRIPT_CHECKS[name])
    assert completed.returncode == 0, completed.stdout + completed.stderr
