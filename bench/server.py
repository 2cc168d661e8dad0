"""A server under test: started in its own folder, stopped at the end of a block."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

_PATIENCE = 60.0  # seconds for a server to start or to stop


class StartError(Exception):
    """A server did not start; the message is the end of its log."""


@dataclass(frozen=True)
class Target:
    """Where a running server is read from and published to.

    Attributes:
        body: of a POST; `%N` is the message's number, `%T` its time stamp, `%%` a per cent sign.
        cursor: where long-polls begin; None for servers without cursors.
    """

    process: subprocess.Popen[bytes]
    port: int
    path: str
    publish_path: str
    body: str
    headers: Sequence[str] = ()
    publish_headers: Sequence[str] = ()
    cursor: str | None = None
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def pid(self) -> int:
        """The main process; the generators count its children too."""
        return self.process.pid


def free_port() -> int:
    """Find a port outside the kernel's ephemeral range, so that it stays free for a restart."""
    for port in range(10_000 + os.getpid() % 2_000, 20_000):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise StartError("no port is free")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def launch(
    command: Sequence[str], port: int, folder: Path, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start a server and wait until it accepts connections.

    Args:
        command: the program and its arguments.
        port: where it will listen.
        folder: its working directory; `server.log` in it receives its output.
        environment: added to this process's own.

    Raises:
        StartError: it ended, or did not listen within a minute.
    """
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            list(command),
            cwd=folder,
            env=os.environ | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + _PATIENCE
    while not _listens(port):
        if process.poll() is not None or time.monotonic() > deadline:
            end(process)
            raise StartError((folder / "server.log").read_text(errors="replace")[-2000:])
        time.sleep(0.02)
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    """Stop a server and its child processes, by SIGTERM first."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
            return


@contextmanager
def running(
    command: Sequence[str], port: int, folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server for the length of a block."""
    process = launch(command, port, folder, environment)
    try:
        yield process
    finally:
        end(process)
