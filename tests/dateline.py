"""A real `dateline serve` process, in its own folder and on a free port."""

import asyncio
import atexit
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TypeVar

import httpx
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.keys import create_key
from app.access.roles import Role
from app.clock import utc_now
from app.store.engine import Store
from tests.ports import free_port
from tests.programs import ProcessOptions, Program

Result = TypeVar("Result")

_START_TIMEOUT = 120.0  # seconds, on a machine with much other load


class DatelineServer:
    """A server process that can be stopped, killed and restarted on the same database.

    `descriptors` limits its open file descriptors. With `is_watched`, or WATCH_TRANSACTIONS in the
    environment, its log names every wait in a transaction, every statement that reads a whole table
    and every long turn of the event loop: see `tests/transactions.py`, `tests/query_plans.py` and
    `tests/long_turns.py`. Its SQLite file, unless the
    settings name another, is a copy of one with empty tables: migrating takes longer than the rest
    of a start.
    """

    def __init__(
        self,
        folder: Path,
        *,
        is_watched: bool = False,
        descriptors: int | None = None,
        **settings: str,
    ) -> None:
        self.folder = folder
        self.descriptors = descriptors
        self.umask = os.umask(0o022)  # unchanged: it can only be read by setting it
        os.umask(self.umask)
        self.is_watched = is_watched or bool(os.environ.get("WATCH_TRANSACTIONS"))
        self.port = int(settings.get("port", free_port()))
        self.url = f"http://127.0.0.1:{self.port}"
        database = f"sqlite:///{folder}/dateline.db"
        chosen = {"database_url": database, "port": str(self.port), "log_level": "warning"}
        chosen["embed_cards"] = "false"  # no test asks a site on the Internet
        chosen |= settings
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("DATELINE_")}
        self.environment = inherited | {
            f"DATELINE_{name.upper()}": value for name, value in chosen.items()
        }
        self._program: Program | None = None

    def _provide_tables(self) -> None:
        file = self.folder / "dateline.db"
        is_own = self.environment["DATELINE_DATABASE_URL"] == f"sqlite:///{file}"
        if is_own and not file.exists():
            shutil.copy(_migrated(), file)

    def command(
        self, *arguments: str, check: bool = True, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run `dateline ARGUMENTS` with this server's settings."""
        self._provide_tables()
        return subprocess.run(
            [sys.executable, "-m", "app", *arguments],
            cwd=self.folder,
            env=self.environment | {"PYTHONPATH": str(Path(__file__).parent.parent)},
            input=stdin,
            capture_output=True,
            text=True,
            check=check,
            timeout=120,
            umask=self.umask,
        )

    def key(self, role: Role) -> str:
        """Create an API key of this role; returns its secret."""

        async def act(session: AsyncSession) -> str:
            return (await create_key(session, f"test {role}", role, utc_now(), made_by="operator"))[
                1
            ]

        return self.write(act)

    def write(self, act: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
        """Run a function in a write transaction of the database.

        It runs in this process, since a command's process takes seconds.
        """
        self._provide_tables()

        async def run() -> Result:
            store = Store(self.environment["DATELINE_DATABASE_URL"])
            try:
                await store.migrate()
                async with store.writing() as session:
                    return await act(session)
            finally:
                await store.close()

        with ThreadPoolExecutor(1) as pool:  # a running loop may exist in this thread
            return pool.submit(asyncio.run, run()).result()

    def start(self) -> "DatelineServer":
        """Start the server and wait until it is ready."""
        self._provide_tables()
        options = ProcessOptions(
            self.folder,
            self.environment | {"PYTHONPATH": str(Path(__file__).parent.parent)},
            self.folder / "server.log",
            self.umask,
            self.descriptors,
            self.is_watched,
        )
        self._program = Program(["serve"], options)
        deadline = time.monotonic() + _START_TIMEOUT
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/readyz").is_success:
                    return self
            if self._program.exit_code() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"the server did not start:\n{self.log()}")

    @property
    def pid(self) -> int:
        """The server's process id."""
        assert self._program is not None
        return self._program.pid

    def log(self) -> str:
        """Return the server's output so far."""
        return (self.folder / "server.log").read_text(errors="replace")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait for the process to end; returns its exit code."""
        if self._program is None:
            return 0
        self._program.send(how)
        code = self._program.wait(30)
        self._program = None
        return code

    def kill(self) -> None:
        """Kill the server without a shutdown, like a power cut."""
        self.stop(signal.SIGKILL)


@cache
def _migrated() -> Path:
    """A database with empty tables, which is deleted after the tests."""
    folder = tempfile.TemporaryDirectory(prefix="dateline-")
    atexit.register(folder.cleanup)
    file = Path(folder.name) / "dateline.db"

    async def migrate() -> None:
        store = Store(f"sqlite:///{file}")
        await store.migrate()
        await store.close()

    with ThreadPoolExecutor(1) as pool:  # a running loop may exist in this thread
        pool.submit(asyncio.run, migrate()).result()
    return file


@contextlib.contextmanager
def running_server(
    folder: Path, *, is_watched: bool = False, descriptors: int | None = None, **settings: str
) -> Iterator[DatelineServer]:
    """Run a server; stops it at the end of the block."""
    server = DatelineServer(folder, is_watched=is_watched, descriptors=descriptors, **settings)
    try:
        yield server.start()
    finally:
        server.stop()
