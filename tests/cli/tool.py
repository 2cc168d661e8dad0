"""Run the command `dateline` in tests, in a folder of the test's own."""

import io
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.cli import main

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class CommandResult:
    """A command's output and exit code."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """The decoded stdout."""
        return self.out.decode()

    @property
    def complaint(self) -> str:
        """The single line of stderr with which the command failed."""
        (line,) = self.err.splitlines()
        assert self.code == 1
        assert line.startswith("dateline: ")
        return line.removeprefix("dateline: ")


class Tool:
    """`dateline` in a folder: in this process, which is fast, or as a process of its own."""

    def __init__(
        self, folder: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[bytes]
    ) -> None:
        self.folder = folder
        self._patch = patch
        self._capture = capture
        self._has_database = True

    def without_database(self) -> "Tool":
        """Return the same command in a folder in which no server has created a database."""
        other = self.at(self.folder / "wrong")
        other._has_database = False
        return other

    def __call__(self, *arguments: object, stdin: bytes = b"") -> CommandResult:
        """Run `dateline ARGUMENTS` in this process."""
        self._patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        self._patch.setattr(sys, "argv", ["dateline", *map(str, arguments)])
        self._patch.chdir(self.folder)
        if self._has_database:
            # An empty file is an empty database, as a server creates it.
            (self.folder / "dateline.db").touch(mode=0o600)
        self._capture.readouterr()
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        else:
            code = 0
        sys.stdout.flush()
        out, err = self._capture.readouterr()
        return CommandResult(code, out, err.decode())

    def files(self) -> list[str]:
        """Return the names of the files in the folder, without the database."""
        return sorted({path.name for path in self.folder.iterdir()} - {"dateline.db"})

    def at(self, folder: Path) -> "Tool":
        """Return the same command in another folder, and so on another database."""
        folder.mkdir(exist_ok=True)
        return Tool(folder, self._patch, self._capture)

    def start(self, *arguments: object, **environment: str) -> subprocess.Popen[str]:
        """Start `dateline ARGUMENTS` as a process."""
        return subprocess.Popen(
            [sys.executable, "-u", "-m", "app", *map(str, arguments)],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def end(process: subprocess.Popen[str], signum: signal.Signals) -> CommandResult:
    """End a process with a signal and return its remaining output."""
    process.send_signal(signum)
    try:
        out, err = process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return CommandResult(process.returncode, out.encode(), err)
