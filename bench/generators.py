"""Python interface of the load generators: their arguments and their results."""

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.programs import build
from bench.server import Target

Figures = dict[str, Any]


class LoadError(Exception):
    """A generator returned no figures; the message is its error output."""


class Load:
    """A generator that runs in the background."""

    def __init__(self, command: Sequence[str], body: str = "") -> None:
        self._body = tempfile.NamedTemporaryFile("w", suffix=".json")  # noqa: SIM115
        self._body.write(body)
        self._body.flush()
        extra = ["--body-file", self._body.name] if body else []
        self.process = subprocess.Popen(
            [*command, *extra], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def wait_for(self, word: str) -> None:
        """Wait until fanload reports a state: connected, returning.

        Raises:
            LoadError: it ended before that.
        """
        assert self.process.stderr
        heard = []
        for line in self.process.stderr:
            heard.append(line)
            if word in line:
                return
        raise LoadError("".join(heard))

    def figures(self) -> Figures:
        """Wait for the end and return the figures; `said` is the output on standard error.

        Raises:
            LoadError: there are no figures.
        """
        out, said = self.process.communicate()
        self._body.close()
        try:
            figures: Figures = json.loads(out)
        except ValueError:
            raise LoadError(said or f"ended with {self.process.returncode}") from None
        return figures | {"said": said.strip(), "whole": self.process.returncode == 0}


def _headers(option: str, lines: Sequence[str]) -> list[str]:
    return [part for line in lines for part in (option, line)]


def start_fanload(
    target: Target,
    transport: str,
    conns: int,
    phases: Sequence[str],
    *options: str,
    compressed: bool = False,
) -> Load:
    """Start a load of readers.

    Args:
        target: the server.
        transport: sse, ws or poll.
        conns: the number of readers.
        phases: RATE:COUNT[:WINDOW] or away:COUNT, in sequence.
        options: further options of fanload.
        compressed: whether readers offer gzip or permessage-deflate.
    """
    command = [
        str(build("fanload")),
        *("--mode", transport, "--port", str(target.port), "--path", target.path),
        *("--publish-path", target.publish_path, "--conns", str(conns), "--pid", str(target.pid)),
        *("--ramp", "4000", "--in-flight", "100", "--stall", "20", "--max-time", "240"),
        *_headers("--header", target.headers),
        *_headers("--publish-header", target.publish_headers),
        *(part for phase in phases for part in ("--phase", phase)),
    ]
    if compressed:
        command.append("--compressed")
    if transport == "poll" and target.cursor:
        command += ["--cursor", target.cursor]
    return Load([*command, *options], target.body)


def start_readload(
    target: Target, path: str, conns: int, seconds: float, rate: float = 0, *headers: str
) -> Load:
    """Start a load of GETs at `rate` requests per second in all; 0 for as many as possible."""
    command = [str(build("readload")), "--port", str(target.port), "--path", path]
    command += ["--conns", str(conns), "--seconds", str(seconds), "--pid", str(target.pid)]
    if rate:
        command += ["--rate", str(rate)]
    return Load([*command, *_headers("--header", headers)])


def temporary_folder() -> tempfile.TemporaryDirectory[str]:
    """Create a temporary folder for one server."""
    return tempfile.TemporaryDirectory(prefix="dateline-bench-", dir=Path(tempfile.gettempdir()))
