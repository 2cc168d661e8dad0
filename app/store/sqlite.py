"""SQLite's connections, with short statements run where they are asked for.

aiosqlite sends every call to a thread and waits for the answer, some forty times for one POST; each
of these round trips takes longer than most statements. Only what can wait for the disk or for
another process's lock goes there: transactions' beginnings and ends, and statements of many rows.
"""

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

import aiosqlite

_SHORT = ("SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH ")
_CURSORS_OWN = frozenset({"fetchone", "fetchmany", "fetchall", "close"})


class Connection(aiosqlite.Connection):
    """A connection whose thread is asked only for what may take long."""

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self._running and self._connection is not None and _is_short(fn, args):
            return fn(*args, **kwargs)
        return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]


def open_connection(database: str, **options: Any) -> Connection:
    """What SQLAlchemy's dialect calls for each connection of its pool."""
    connector = partial(sqlite3.connect, database, **options | {"check_same_thread": False})
    connection = Connection(connector, iter_chunk_size=64)
    connection._thread.daemon = True  # noqa: SLF001  as the dialect does with its own
    return connection


def _is_short(fn: Callable[..., Any], args: tuple[Any, ...]) -> bool:
    owner, name = getattr(fn, "__self__", None), getattr(fn, "__name__", "")
    if isinstance(owner, sqlite3.Connection):
        return name == "cursor"
    if not isinstance(owner, sqlite3.Cursor):
        return False
    return name in _CURSORS_OWN or (name == "execute" and args[0].lstrip().startswith(_SHORT))
