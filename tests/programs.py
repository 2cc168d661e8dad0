"""`dateline` in forked processes that share their imports.

A new process spends two seconds of processor time on imports and another on the templates, and the
tests start hundreds. These are forked from a process that has imported the program, compiled its
templates and bundled its scripts (`tests/preloaded.py`). `tests/cli` and
`tests/contract/test_starting.py` start the program as users do.
"""

import multiprocessing
import os
import resource
import signal
import sys
import time
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import NamedTuple

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(
    ["__main__", "app.cli.serving", "tests.preloaded", "tests.programs"]
)


class ProcessOptions(NamedTuple):
    """How a process is started.

    Attributes:
        folder: its working directory.
        environment: all of its environment variables.
        output: the file to which its output and errors are appended.
        umask: its umask.
        descriptors: the limit of its open file descriptors; None for that of the tests.
        is_watched: whether its output names every wait in a transaction, every statement that
            reads a whole table and every long turn of the event loop: see `tests/transactions.py`,
            `tests/query_plans.py` and `tests/long_turns.py`.
    """

    folder: Path
    environment: dict[str, str]
    output: Path
    umask: int
    descriptors: int | None = None
    is_watched: bool = False


class Program:
    """A running `dateline ARGUMENTS`."""

    def __init__(self, arguments: list[str], options: ProcessOptions) -> None:
        self._process: ForkServerProcess = _context.Process(target=_run, args=(arguments, options))
        self._process.start()
        assert self._process.pid is not None
        self.pid: int = self._process.pid

    def exit_code(self) -> int | None:
        """Return its exit code, or minus a signal's number; None while it runs."""
        return self._process.exitcode

    def send(self, signal_: signal.Signals) -> None:
        """Send a signal if it still runs."""
        if self.exit_code() is None:
            os.kill(self.pid, signal_)

    def wait(self, seconds: float) -> int:
        """Wait for its end; returns its exit code.

        Raises:
            TimeoutError: if it did not end in time. It is killed.
        """
        self._process.join(seconds)
        code = self._process.exitcode
        if code is None:
            self._process.kill()
            raise TimeoutError(f"process {self.pid} did not end")
        self._process.close()
        return code


def _run(arguments: list[str], options: ProcessOptions) -> None:
    from app.cli import main

    os.chdir(options.folder)
    os.environ.clear()
    os.environ.update(options.environment)
    time.tzset()
    output = os.open(options.output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    null = os.open(os.devnull, os.O_RDONLY)
    for standard, file in enumerate((null, output, output)):
        os.dup2(file, standard)
    os.close(null)
    os.close(output)
    sys.stdin = sys.__stdin__ = open(0, closefd=False)  # noqa: SIM115  it is open to the end
    os.umask(options.umask)
    if options.descriptors is not None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (options.descriptors,) * 2)
    if options.is_watched:
        from tests import query_plans, transactions

        transactions.install(transactions.to_standard_error)
        query_plans.install(transactions.to_standard_error)
    sys.argv = ["dateline", *arguments]
    main()
