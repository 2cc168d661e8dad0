"""Schemathesis reads the document and holds the server to it: whatever it sends, both agree."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.openapi.conftest import Described, described_server

_CONFIG = Path(__file__).with_name("schemathesis.toml")
_ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def worn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Described]:
    """A server for all phases; each finds what those before it have left."""
    with described_server(tmp_path_factory.mktemp("worn")) as described:
        yield described


@pytest.mark.full("thousands of requests", but=["stateful-15"])
@pytest.mark.parametrize(
    ("phase", "examples"), [("examples", 1), ("coverage", 1), ("fuzzing", 8), ("stateful", 15)]
)
def test_what_the_document_says_is_what_the_server_does(
    worn: Described, tmp_path: Path, phase: str, examples: int
) -> None:
    """No request, well-formed or not, alone or after others, is answered other than documented."""
    _hold_to_it(worn, tmp_path, phase, examples)


def _hold_to_it(described: Described, folder: Path, phase: str, examples: int) -> None:
    report = folder / "report.json"
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(_CONFIG), "run"]
    command += [f"{described.server.url}/openapi.json", "--no-color", "--seed", "19690720"]
    command += ["--phases", phase, "--max-examples", str(examples), "--continue-on-failure"]
    command += ["--generation-database", "none", "--report-json-path", str(report)]
    command += ["--header", f"Authorization: Bearer {described.key}"]
    run = subprocess.run(
        command,
        cwd=described.server.folder,  # Hypothesis keeps tables there that take it a while to make
        env=os.environ | {"PYTHONPATH": str(_ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )
    assert run.returncode == 0, f"{run.stdout}{run.stderr}\n{described.server.log()}"
    found = json.loads(report.read_text())
    assert found["phases"][phase]["status"] == "success"
    assert found["test_cases"]["generated"] >= 50
    if phase == "coverage":
        operations = [o for path in described.document["paths"].values() for o in path]
        assert found["operations"]["tested"] == len(operations)
        # What is only ever aimed at things that are not there is not held to anything.
        assert not found["warnings"]["missing_test_data"]
