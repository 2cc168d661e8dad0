"""Promises of what is pure in the scripts, kept by Deno's test runner: one file a module."""

from pathlib import Path

import pytest

from tests.scripts.runtime import ROOT, run_deno

FILES = sorted(path.name for path in Path(__file__).parent.glob("*.test.js"))


@pytest.mark.parametrize("name", FILES)
def test_what_is_pure_keeps_its_promises(name: str) -> None:
    """Every promise of the file holds, in a runtime that may neither read, write nor connect."""
    path = (Path(__file__).parent / name).relative_to(ROOT)
    done = run_deno("test", "--no-check", "--no-remote", "--no-npm", "--no-prompt", str(path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 passed" not in done.stdout
