"""A real `dateline serve`, in a folder of its own and on a free port."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import httpx
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.keys import create_key
from app.access.roles import Role
from app.store.engine import Store
from app.wiring import utc_now
from tests.ports import free_port
from tests.programs import Program, Surroundings

Result = TypeVar("Result")

_PATIENCE = 120.0  # seconds for a server to be ready, on a machine that has much else to do


class DatelineServer:
    """One server process that can be stopped, killed and started again on the same record.

    Where `descriptors` is given, the system allows it only so many of them.

    Where WATCH_TRANSACTIONS is set, or `is_watched`, its log names whatever it waits for in a
    transaction: see `tests/transactions.py`.
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
        self.umask = os.umask(0o022)  # that of the tests
        os.umask(self.umask)
        self.is_watched = is_watched or bool(os.environ.get("WATCH_TRANSACTIONS"))
        self.port = int(settings.get("port", free_port()))
        self.url = f"http://127.0.0.1:{self.port}"
        database = f"sqlite:///{folder}/dateline.db"
        chosen = {"database_url": database, "port": str(self.port), "log_level": "warning"}
        chosen |= settings
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("DATELINE_")}
        self.environment = inherited | {
            f"DATELINE_{name.upper()}": value for name, value in chosen.items()
        }
        self._program: Program | None = None

    def command(
        self, *arguments: str, check: bool = True, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run `dateline ARGUMENTS` with this server's settings."""
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
        """A new API key of that role."""

        async def act(session: AsyncSession) -> str:
            return (await create_key(session, f"test {role}", role, utc_now(), made_by="operator"))[
                1
            ]

        return self.write(act)

    def write(self, act: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
        """Write into its database, as the commands do, whose processes take seconds each."""

        async def run() -> Result:
            store = Store(self.environment["DATELINE_DATABASE_URL"])
            try:
                await store.migrate()
                async with store.writing() as session:
                    return await act(session)
            finally:
                await store.close()

        with ThreadPoolExecutor(1) as beside:  # beside a loop that may be running here
            return beside.submit(asyncio.run, run()).result()

    def start(self) -> "DatelineServer":
        """Start it and wait until it is ready."""
        surroundings = Surroundings(
            self.folder,
            self.environment | {"PYTHONPATH": str(Path(__file__).parent.parent)},
            self.folder / "server.log",
            self.umask,
            self.descriptors,
            self.is_watched,
        )
        self._program = Program(["serve"], surroundings)
        deadline = time.monotonic() + _PATIENCE
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
        """Its process id."""
        assert self._program is not None
        return self._program.pid

    def log(self) -> str:
        """What it has written so far."""
        return (self.folder / "server.log").read_text(errors="replace")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it and wait; gives its exit code."""
        if self._program is None:
            return 0
        self._program.send(how)
        code = self._program.wait(30)
        self._program = None
        return code

    def kill(self) -> None:
        """End it without a word, as a power cut would."""
        self.stop(signal.SIGKILL)


@contextlib.contextmanager
def running_server(
    folder: Path, *, is_watched: bool = False, descriptors: int | None = None, **settings: str
) -> Iterator[DatelineServer]:
    """A server for the length of a block."""
    server = DatelineServer(folder, is_watched=is_watched, descriptors=descriptors, **settings)
    try:
        yield server.start()
    finally:
        server.stop()
