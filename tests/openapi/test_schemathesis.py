"""Schemathesis checks the server's answers against its OpenAPI document."""

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
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Described]:
    """A server for all phases; each phase finds the data of those before it."""
    with described_server(tmp_path_factory.mktemp("worn")) as described:
        yield described


@pytest.mark.full("thousands of requests", but=["stateful-15"])
@pytest.mark.parametrize(
    ("phase", "examples"), [("examples", 1), ("coverage", 1), ("fuzzing", 8), ("stateful", 15)]
)
def test_what_the_document_says_is_what_the_server_does(
    shared_server: Described, tmp_path: Path, phase: str, examples: int
) -> None:
    """Every answer to a generated request, well-formed or not, is as documented."""
    _run_schemathesis(shared_server, tmp_path, phase, examples)


def _run_schemathesis(described: Described, folder: Path, phase: str, examples: int) -> None:
    report = folder / "report.json"
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(_CONFIG), "run"]
    command += [f"{described.server.url}/openapi.json", "--no-color", "--seed", "19690720"]
    command += ["--phases", phase, "--max-examples", str(examples), "--continue-on-failure"]
    command += ["--generation-database", "none", "--report-json-path", str(report)]
    command += ["--header", f"Authorization: Bearer {described.key}"]
    result = subprocess.run(
        command,
        cwd=described.server.folder,  # Hypothesis stores tables there that are slow to compute
        env=os.environ | {"PYTHONPATH": str(_ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )
    assert result.returncode == 0, f"{result.stdout}{result.stderr}\n{described.server.log()}"
    report_document = json.loads(report.read_text())
    assert report_document["phases"][phase]["status"] == "success"
    assert report_document["test_cases"]["generated"] >= 50
    if phase == "coverage":
        operations = [o for path in described.document["paths"].values() for o in path]
        assert report_document["operations"]["tested"] == len(operations)
        # An operation that is only tested with unknown ids is not tested.
        assert not report_document["warnings"]["missing_test_data"]
