"""Tests of starting: invalid settings, the first run, and keys from the command line."""

import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.dateline import DatelineServer
from tests.ports import free_port

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, eq=False)
class Start:
    """A start of `dateline serve` that fails; `named` is what its one line has to name."""

    named: str
    settings: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return " ".join([*map("=".join, self.settings.items()), *self.files])[:60]


BAD = {
    "DATELINE_DATABASE_URL": ["mysql://localhost/x", "nonsense", "sqlite://", "sqlite:///:memory:"],
    "DATELINE_BROKER_URL": ["http://localhost", "nonsense"],
    "DATELINE_HOST": ["not a host"],
    "DATELINE_PORT": ["http", "65536", "-1", "80.5", "TAKEN"],
    "DATELINE_WORKERS": ["0", "-3", "many", "2"],
    "DATELINE_PUBLIC_URL": [
        *("live.example.org", "ftp://live.example.org", "https://", "https:///live"),
        *("https://example.org/live", "https://example.org/live/", "https://example.org?live"),
        *("https://example.org/#live", "https://ann:secret@example.org"),
    ],
    "DATELINE_HEARTBEAT": ["soon", "0", "-5", "nan"],
    "DATELINE_STREAM_LIFETIME": ["forever"],
    "DATELINE_REPLAY_LIMIT": ["-1", "all"],
    "DATELINE_STREAM_CAPACITY": ["0"],
    "DATELINE_HEADLINE_LIMIT": ["0", "long"],
    "DATELINE_BODY_LIMIT": ["big"],
    "DATELINE_REQUEST_LIMIT": ["1 MiB"],
    "DATELINE_TAGS_LIMIT": ["-1"],
    "DATELINE_LOG_LEVEL": ["loud"],
    "DATELINE_SECURITY_CONTACT": [
        "security@news.example",
        "http://news.example/report",
        "mailto:a@b.example, nonsense",
        "mailto:a@b.example\r\nExpires: 2999-01-01T00:00:00Z",
    ],
}
NO_DATABASE = "These are not the pages you are looking for. " * 100
STARTS = [
    *(Start(name, {name: value}) for name, values in BAD.items() for value in values),
    Start("DATELINE_PORT", files={".env": "DATELINE_PORT=http\n"}),
    Start("dateline.db", files={"dateline.db": NO_DATABASE}),
    Start("dateline.db", {"DATELINE_DATABASE_URL": "sqlite:////proc/nowhere/dateline.db"}),
    Start("dateline.db", {"DATELINE_DATABASE_URL": "sqlite:////dev/null/dateline.db"}),
]
# The first case of each setting.
ORDINARY = list({start.named: start for start in reversed(STARTS)}.values())
# One interpreter imports the program and forks a child for each case, in a folder of its own: it is
# the same command, without importing the program forty times.
PROGRAM = """
import json, os, pathlib, signal, sys
import app.cli, app.cli.serving
starts = []
for number, (settings, files) in enumerate(json.load(sys.stdin)):
    child = os.fork()
    if child == 0:
        signal.alarm(30)
        os.mkdir(str(number))
        os.chdir(str(number))
        for name, text in files.items():
            pathlib.Path(name).write_text(text)
        said = os.open("said", os.O_CREAT | os.O_WRONLY)
        os.dup2(said, 1), os.dup2(said, 2)
        os.environ.update(settings)
        sys.argv = ["dateline", "serve"]
        try:
            app.cli.main()
        except SystemExit as end:
            sys.stdout.flush()
            os._exit(end.code or 0)
        except BaseException as error:
            os.write(2, repr(error).encode())
            os._exit(99)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    starts.append((code, pathlib.Path(str(number), "said").read_text()))
json.dump(starts, sys.stdout)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the starts' folders, which are numbered."""
    return tmp_path_factory.mktemp("starting")


@pytest.fixture(scope="module")
def outputs(folder: Path, pytestconfig: pytest.Config) -> dict[Start, tuple[int, str]]:
    """The exit code and output of each start."""
    starts = STARTS if pytestconfig.option.full else ORDINARY
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        cases = [
            ({name: value.replace("TAKEN", port) for name, value in s.settings.items()}, s.files)
            for s in starts
        ]
        run = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            cwd=folder,
            env=_environment({}),
            input=json.dumps(cases),
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
    return {
        start: (code, text)
        for start, (code, text) in zip(starts, json.loads(run.stdout), strict=True)
    }


def _environment(settings: dict[str, str]) -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("DATELINE_")}
    return inherited | {"PYTHONPATH": str(ROOT)} | settings


@pytest.mark.full("further values of a setting", but=[str(start) for start in ORDINARY])
@pytest.mark.parametrize("start", STARTS, ids=str)
def test_a_start_that_cannot_succeed_says_why_in_one_line(
    outputs: dict[Start, tuple[int, str]], start: Start
) -> None:
    """A failing start prints one line that names the setting or database, and exits with 1."""
    code, text = outputs[start]
    assert code == 1, text
    (line,) = text.strip().splitlines()
    assert start.named in line
    assert len(line) > len(start.named) + 20


def test_a_file_that_is_no_database_is_left_as_it_was(
    folder: Path, outputs: dict[Start, tuple[int, str]]
) -> None:
    """A file that is no database is not changed."""
    number = next(n for n, start in enumerate(outputs) if "dateline.db" in start.files)
    assert (folder / str(number) / "dateline.db").read_text() == NO_DATABASE


def test_a_bare_command_serves(tmp_path: Path) -> None:
    """`dateline` creates its database and serves; the first run prints how to set up a chief."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "app"],
        cwd=tmp_path,
        env=_environment({"DATELINE_PORT": str(port)}),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        while not _is_ready(port):
            assert process.poll() is None, process.communicate()
    finally:
        process.terminate()
        output, _ = process.communicate(timeout=120)
    assert f"http://127.0.0.1:{port}" in output
    assert "chief" in output
    assert (tmp_path / "dateline.db").exists()


def _is_ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz").is_success
    except httpx.TransportError:
        return False


@pytest.mark.full("tests/cli asks the command in the tests' own process")
def test_a_key_is_printed_on_a_line_of_its_own(tmp_path: Path) -> None:
    """`dateline key create NAME --role editor` prints the key on its own line."""
    server = DatelineServer(tmp_path)
    output = server.command("key", "create", "The desk", "--role", "editor").stdout
    (line,) = [line for line in output.splitlines() if line.startswith("dateline_")]
    assert " " not in line
