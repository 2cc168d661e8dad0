"""SQLite connections that run short statements in the calling thread.

aiosqlite sends every call to a thread and waits for the result, some forty times for one POST; each
of these round trips takes longer than most statements. Only calls that may wait for the disk or for
another process's lock go to the thread: the start and end of transactions that write, insertions of
many rows, and statements that are marked as long, with the reading of their rows.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any
from weakref import WeakSet

import aiosqlite
from sqlalchemy.engine import Connection as SyncConnection

from app.store.ending import complete

_SHORT = (
    *("SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH "),
    *("SAVEPOINT ", "RELEASE ", "ROLLBACK TO "),  # in a transaction, whose end writes
)
LONG = "/* long */"  # in a statement that may take milliseconds
BEGIN_READING = "BEGIN"  # does not touch the file
BEGIN_WRITING = "BEGIN IMMEDIATE"  # takes the file's lock
BUSY_TIMEOUT = 10_000  # milliseconds that a writer waits for another process's transaction
_PRIMARY_CODE = 0xFF  # of an extended error code
_CURSORS_OWN = frozenset({"fetchone", "fetchmany", "fetchall", "close"})


class Connection(aiosqlite.Connection):
    """A connection that uses its thread only for calls that may take long.

    `is_writer` is whether its transactions write: the end of a transaction that has only read, or
    of none, which is what the pool asks for, does not wait for the disk.
    """

    is_writer = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._long: WeakSet[sqlite3.Cursor] = WeakSet()  # of statements that may take long

    async def _connect(self) -> "Connection":
        try:
            return await super()._connect()  # type: ignore[return-value]
        except sqlite3.Error:
            # The thread would report its end to the loop, which may be closed by then.
            await asyncio.to_thread(self._thread.join)
            raise

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self._running and self._connection is not None:
            owner, name = getattr(fn, "__self__", None), getattr(fn, "__name__", "")
            if self._is_short(owner, name, *args):
                return fn(*args, **kwargs)
            if name == "execute" and args[0] == BEGIN_WRITING and _begin_at_once(owner):
                return owner
        return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]

    def _is_short(self, owner: object, name: str, *args: Any) -> bool:
        if isinstance(owner, sqlite3.Connection):
            ends_reading = name == "rollback" and not (self.is_writer and owner.in_transaction)
            return name == "cursor" or ends_reading
        if not isinstance(owner, sqlite3.Cursor) or name != "execute":
            is_own = isinstance(owner, sqlite3.Cursor) and name in _CURSORS_OWN
            return is_own and (not self._long or owner not in self._long)
        statement: str = args[0]
        if LONG in statement:
            self._long.add(owner)
            return False
        return statement == BEGIN_READING or statement.lstrip().startswith(_SHORT)

    def run_short(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a short statement in the calling thread; returns its rows."""
        return self._conn.execute(statement, parameters).fetchall()

    async def begin_writing(self) -> None:
        """Begin a transaction that writes; waits in the thread while another process has the lock.

        Raises:
            sqlite3.OperationalError: it had the lock for longer than the time-out.
        """
        await self._execute(self._conn.execute, BEGIN_WRITING)

    async def run_many(self, statement: str, parameters: Iterable[Sequence[Any]]) -> None:
        """Run a statement once for each of the parameters, in the thread; also their iterator."""

        def run() -> None:
            self._conn.executemany(statement, parameters)

        # To the end: the thread would go on with it after the transaction has been rolled back.
        await complete(self._execute(run))


def _begin_at_once(cursor: Any) -> bool:
    """Begin a transaction that writes, unless another process has the lock."""
    cursor.execute("PRAGMA busy_timeout = 0")
    try:
        cursor.execute(BEGIN_WRITING)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & _PRIMARY_CODE != sqlite3.SQLITE_BUSY:
            raise
        return False
    finally:
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT}")
    return True


def begin_reading(connection: SyncConnection) -> None:
    """Begin a transaction that reads: for SQLAlchemy's event `begin`."""
    connection.exec_driver_sql(BEGIN_READING)


def begin_writing(connection: SyncConnection) -> None:
    """Begin a transaction that writes, unless the driver is in one."""
    if not connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr]
        connection.exec_driver_sql(BEGIN_WRITING)


def open_connection(database: str, *, is_writer: bool, **options: Any) -> Connection:
    """Open a connection; SQLAlchemy's dialect calls this for each connection of its pool."""
    connector = partial(sqlite3.connect, database, **options | {"check_same_thread": False})
    connection = Connection(connector, iter_chunk_size=64)
    connection.is_writer = is_writer
    connection._thread.daemon = True  # noqa: SLF001  as the dialect does with its own
    return connection


def release_connection(connection: Any, _record: Any, _error: BaseException | None) -> None:
    """Roll back before a connection is closed: for SQLAlchemy's event `invalidate`."""
    # A task that is cancelled during a statement leaves a cursor behind, because of which the
    # closed connection would keep its lock until the next garbage collection.
    with suppress(Exception):
        connection.rollback()


def prepare_connection(connection: Any, _record: Any) -> None:
    """Set what every connection has: for SQLAlchemy's event `connect`."""
    # SQLAlchemy's "begin" event opens transactions, so that a writer requests the write lock at
    # once: SQLite may refuse, without waiting, to upgrade a reader to a writer later.
    connection.isolation_level = None
    try:
        _set_pragmas(connection.cursor())
    except BaseException:
        connection.close()  # the pool forgets it, and its thread would report to a closed loop
        raise


def _set_pragmas(cursor: Any) -> None:
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        # Retracted words are overwritten in the file and not only unlinked. FAST would not
        # overwrite those of a body that is longer than a page.
        "secure_delete = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
