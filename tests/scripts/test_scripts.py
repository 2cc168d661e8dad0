"""Unit tests of the scripts' pure modules in Deno's test runner, one file per module."""

from pathlib import Path

import pytest

from tests.scripts.runtime import ROOT, run_deno

FILES = sorted(path.name for path in Path(__file__).parent.glob("*.test.js"))


@pytest.mark.parametrize("name", FILES)
def test_what_is_pure_keeps_its_promises(name: str) -> None:
    """Every test of the file passes, without permission to read, write or connect."""
    path = (Path(__file__).parent / name).relative_to(ROOT)
    completed = run_deno("test", "--no-check", "--no-remote", "--no-npm", "--no-prompt", str(path))
    assert completed.returncode == 0, completed.stdout + completed.stderr
    assert " 0 passed" not in completed.stdout
