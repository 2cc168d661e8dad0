"""The embedded database's connection: statements run where they are asked for.

aiosqlite hands every single call to a thread, and the answer comes with the event loop's next turn.
A transaction of ours is some forty calls of a few microseconds each. While many readers keep the
loop busy, each of them waits for its turn, the write lock is held all that time, and the newsroom
waits. So only what may wait itself goes to the thread: for the lock, for the disk, for many rows.
"""

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

import aiosqlite

# What takes SQLite's write lock, and with it the place in line behind another process.
BEGIN_WRITING = "BEGIN IMMEDIATE"
_WAITING = frozenset({"commit", "executemany"})
_SERIALIZED = 3  # any thread may use a connection at any time (PEP 249's `threadsafety`)


class SqliteConnection(aiosqlite.Connection):
    """An aiosqlite connection whose short calls run at once."""

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        may_wait = fn.__name__ in _WAITING or args[:1] == (BEGIN_WRITING,)
        if may_wait or not self._running or self._connection is None:
            return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        return fn(*args, **kwargs)


def connect_sqlite(database: str, **options: Any) -> aiosqlite.Connection:
    """A connection to be awaited, as SQLAlchemy's dialect asks for it.

    Args:
        database: the file.
        options: those of `sqlite3.connect`.
    """
    # On a SQLite that is not safe between threads, everything stays in the one thread.
    kind = SqliteConnection if sqlite3.threadsafety == _SERIALIZED else aiosqlite.Connection
    options = {**options, "check_same_thread": False}
    connection = kind(partial(sqlite3.connect, database, **options), iter_chunk_size=64)
    connection._thread.daemon = True  # noqa: SLF001  as the dialect does: it must not outlive us
    return connection
