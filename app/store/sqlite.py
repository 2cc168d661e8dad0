"""SQLite connections that run short statements in the calling thread.

aiosqlite sends every call to a thread and waits for the result, some forty times for one POST; each
of these round trips takes longer than most statements. Only calls that may wait for the disk or for
another process's lock go to the thread: the start and end of transactions, and statements with many
rows.
"""

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

import aiosqlite

_SHORT = ("SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH ")
_CURSORS_OWN = frozenset({"fetchone", "fetchmany", "fetchall", "close"})


class Connection(aiosqlite.Connection):
    """A connection that uses its thread only for calls that may take long."""

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self._running and self._connection is not None:
            owner, name = getattr(fn, "__self__", None), getattr(fn, "__name__", "")
            if isinstance(owner, sqlite3.Connection):
                is_short = name == "cursor"
            else:
                is_short = isinstance(owner, sqlite3.Cursor) and (
                    name in _CURSORS_OWN
                    or (name == "execute" and args[0].lstrip().startswith(_SHORT))
                )
            if is_short:
                return fn(*args, **kwargs)
        return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]


def open_connection(database: str, **options: Any) -> Connection:
    """Open a connection; SQLAlchemy's dialect calls this for each connection of its pool."""
    connector = partial(sqlite3.connect, database, **options | {"check_same_thread": False})
    connection = Connection(connector, iter_chunk_size=64)
    connection._thread.daemon = True  # noqa: SLF001  as the dialect does with its own
    return connection
