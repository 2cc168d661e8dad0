"""Real PostgreSQL and Redis servers for tests, each in its own folder and at its own address.

`start`, `stop`, `freeze` and `thaw` are the outages that tests inject. No server that runs already
is used, since tests break the ones they use.
"""

import atexit
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any, NoReturn, Self, TypeVar

import pytest

from tests.ports import free_port

Resource = TypeVar("Resource")

_TIMEOUT = 120.0  # seconds for a server to start or to end


def require(name: str, resource: Resource | None) -> Resource:
    """Skip a test that needs an absent server, library or browser; with CI set, fail it.

    Args:
        name: what is needed, for the reason.
        resource: what was found; None and any other false value means absent.

    Returns:
        `resource`.
    """
    return resource or _skip(f"{name} is not installed here")


def _skip(reason: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(f"{reason}, and CI tests everything", pytrace=False)
    pytest.skip(reason)


@contextmanager
def postgres_server(tmp_path: Path) -> Iterator["PostgresServer"]:
    """Run a PostgreSQL server; its log stays in `tmp_path`."""
    with PostgresServer(tmp_path / "postgres.log") as server:
        yield server


@contextmanager
def redis_server(tmp_path: Path) -> Iterator["RedisServer"]:
    """Run a Redis or Valkey server; its log stays in `tmp_path`."""
    with RedisServer(tmp_path / "redis.log") as server:
        yield server


class Server(ABC):
    """A server process and its folder, which are removed together, at the latest after the tests.

    Args:
        log: the file for the server's output.
        owner: the user to run it as; None is the user of the tests.
    """

    def __init__(self, log: Path, owner: str | None = None) -> None:
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._frozen: list[int] = []
        self._rights: dict[str, Any] = {}
        # Not below pytest's own folder, which no other user may enter and whose path may exceed the
        # 107 bytes of a socket's address.
        self._folder = Path(tempfile.mkdtemp(prefix="dateline-", dir="/tmp"))
        if owner is not None:
            group = pwd.getpwnam(owner).pw_gid
            self._rights = {"user": owner, "group": group, "extra_groups": []}
            shutil.chown(self._folder, owner, group)
        atexit.register(self.remove)

    @property
    @abstractmethod
    def url(self) -> str:
        """The URL for clients."""

    @abstractmethod
    def fresh_database(self) -> str:
        """Return the URL of an empty database that no other test uses."""

    @abstractmethod
    def _command(self) -> Sequence[str]:
        """Return the command that starts the server in the foreground."""

    @abstractmethod
    def _answers(self) -> bool:
        """Whether the server accepts clients."""

    @abstractmethod
    def _pids(self) -> list[int]:
        """Return the process ids of the server's children."""

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def start(self) -> None:
        """Start the server, unless it runs, and wait until it answers."""
        if self._process is not None:
            return
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command(),
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # so that Ctrl-C reaches the tests only
                **self._rights,
            )
        deadline = time.monotonic() + _TIMEOUT
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"it did not come up:\n{self._log.read_text()[-2000:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop the server, which disconnects all clients; its data stay."""
        if self._process is None:
            return
        self.thaw()
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def freeze(self) -> None:
        """Suspend the server: connections stay open without any traffic."""
        assert self._process is not None, "only a running server can hang"
        self._frozen = [self._process.pid, *self._pids()]
        self._signal_frozen(signal.SIGSTOP)

    def thaw(self) -> None:
        """Resume a suspended server."""
        self._signal_frozen(signal.SIGCONT)
        self._frozen = []

    def remove(self) -> None:
        """Stop the server and delete its folder."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)
        atexit.unregister(self.remove)

    def _signal_frozen(self, number: signal.Signals) -> None:
        for pid in self._frozen:
            with suppress(ProcessLookupError):
                os.kill(pid, number)


class PostgresServer(Server):
    """A PostgreSQL server on a Unix socket in its folder."""

    def __init__(self, log: Path) -> None:
        initdb = require("PostgreSQL", _find_postgres("initdb"))
        self._binary = require("PostgreSQL", _find_postgres("postgres"))
        require("psycopg", find_spec("psycopg"))
        self._numbers = count(1)
        super().__init__(log, owner=_unprivileged())
        self._data = self._folder / "data"
        options = ["--username=dateline", "--auth=trust", "--encoding=UTF8", "--locale=C"]
        with log.open("ab") as output:
            subprocess.run(
                [initdb, "-D", str(self._data), *options, "--no-sync"],
                cwd=self._folder,
                stdout=output,
                stderr=output,
                check=True,
                **self._rights,
            )

    @property
    def url(self) -> str:
        """The URL of the default database."""
        return self._url("postgres")

    def fresh_database(self) -> str:
        """Create a database; returns its URL."""
        name = f"test_{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name}")
        return self._url(name)

    def _url(self, database: str) -> str:
        return f"postgresql://dateline@/{database}?host={self._folder}"

    def _execute(self, query: str) -> list[tuple[object, ...]]:
        import psycopg

        with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as connection:
            cursor = connection.execute(query)
            return cursor.fetchall() if cursor.description else []

    def _command(self) -> list[str]:
        speed = ("fsync=off", "full_page_writes=off", "max_connections=200", "shared_buffers=32MB")
        addresses = ("listen_addresses=", f"unix_socket_directories={self._folder}")
        options = [part for setting in (*speed, *addresses) for part in ("-c", setting)]
        return [self._binary, "-D", str(self._data), *options]

    def _answers(self) -> bool:
        import psycopg

        try:
            return bool(self._execute("SELECT 1"))
        except psycopg.OperationalError:
            return False

    def _pids(self) -> list[int]:
        rows = self._execute("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        return [int(str(pid)) for (pid,) in rows]


class RedisServer(Server):
    """A Redis or Valkey server on a loopback port that it keeps over restarts."""

    def __init__(self, log: Path) -> None:
        binary = shutil.which("redis-server") or shutil.which("valkey-server")
        self._binary = require("redis-server or valkey-server", binary)
        require("redis-py", find_spec("redis"))
        self._port = free_port()
        self._numbers = count(1)
        super().__init__(log)

    @property
    def url(self) -> str:
        """The URL of database 0."""
        return f"redis://127.0.0.1:{self._port}/0"

    def fresh_database(self) -> str:
        """Return the URL of the next database."""
        return f"redis://127.0.0.1:{self._port}/{next(self._numbers)}"

    def _command(self) -> list[str]:
        address = ["--bind", "127.0.0.1", "--port", str(self._port)]
        return [self._binary, *address, "--save", "", "--appendonly", "no", "--databases", "4096"]

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=5) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def _pids(self) -> list[int]:
        return []


def _find_postgres(program: str) -> str | None:
    """Return the path of a program in PATH, or in Debian's folder of the newest version."""
    folders = Path("/usr/lib/postgresql").glob("*/bin")
    newest = sorted(folders, key=lambda home: float(home.parent.name), reverse=True)
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *map(str, newest)])
    return shutil.which(program, path=path)


def _unprivileged() -> str | None:
    """Return a user for a server that refuses to run as root; None if the tests are not root."""
    if os.geteuid() != 0:
        return None
    users = {user.pw_name for user in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in users)
