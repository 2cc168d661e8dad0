"""Pipeline: statements of a transaction that reach PostgreSQL together.

Theory of operation. Each statement that waits for its answer is a round trip, in which this process
handles a packet and other writers of the coverage wait for its lock. A statement without rows need
not be waited for: it is kept, and sent together with the next one that has rows, or with the
commit. So it has run before anything depends on it. If it fails, the statement that follows raises
its error, and the transaction is rolled back in either case.

Source: PostgreSQL's documentation, "Pipeline Mode" of libpq.
"""

import logging
import select
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Dialect, Engine, event
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.util import await_only

Statement = tuple[str, Any]  # SQL and its parameters

_RESTS_SINCE = "rests since"  # in the pool's information about a connection
_LONG_REST = 30.0  # seconds in which a server can have vanished without closing its connections

# The error that a pipeline raises is not its only one; the others are not worth a line each.
logging.getLogger("psycopg").setLevel(logging.ERROR)

_pending: WeakKeyDictionary[Any, list[Statement]] = WeakKeyDictionary()


def pending_of(driver: Any) -> list[Statement]:
    """The statements of a connection of psycopg that have not been sent yet."""
    return _pending.setdefault(driver, [])


async def send(driver: Any, pending: list[Statement], sql: str, parameters: Any) -> Any:
    """Send the pending statements and one more, and return the cursor of the last one.

    Args:
        driver: psycopg's connection.
        pending: is empty afterwards.
        sql: the last statement.
        parameters: its parameters.

    Raises:
        psycopg.Error: one of them failed.
    """
    sent = [*pending, (sql, parameters)]
    pending.clear()
    async with driver.pipeline():
        for each in sent:
            cursor = await driver.execute(*each)
    return cursor


def prepare_engine(engine: Engine) -> None:
    """Have an engine send what is pending before SQLAlchemy's own statements and each commit.

    A connection that is taken from the pool is asked whether it is alive if it has rested for long,
    or if there is something to read from it: a live one has nothing to say. That saves a round trip
    for each transaction.
    """
    for name in ("do_execute", "do_executemany", "do_execute_no_params"):
        event.listen(engine, name, _before_execution)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "commit", _commit)
    event.listen(engine, "checkin", _note_rest)
    event.listen(engine, "checkout", partial(_check, engine.dialect))


def _begin(connection: Connection) -> None:
    pending_of(connection.connection.driver_connection).clear()


def _before_execution(*arguments: Any) -> None:
    flush(arguments[-1].root_connection)


def _commit(connection: Connection) -> None:
    """Send the pending statements with the commit, of which nothing is left for the driver.

    Raises:
        DBAPIError: one of them failed.
    """
    dialect: Dialect = connection.dialect
    driver: Any = connection.connection.driver_connection
    if not pending_of(driver):
        return
    pending_of(driver).append(("COMMIT", None))
    try:
        flush(connection)
    except dialect.loaded_dbapi.Error as error:
        # SQLAlchemy takes a transaction whose commit has failed for one that has ended.
        with suppress(dialect.loaded_dbapi.Error):
            await_only(driver.rollback())
        raise wrap(error, dialect, "COMMIT") from error


def flush(connection: Connection) -> None:
    """Send the pending statements; call it as SQLAlchemy calls the driver.

    Raises:
        psycopg.Error: one of them failed.
    """
    driver = connection.connection.driver_connection
    # SQLAlchemy has none yet when it asks a new server for its version.
    if driver is not None and (pending := pending_of(driver)):
        sql, parameters = pending.pop()
        await_only(send(driver, pending, sql, parameters))


def wrap(error: Exception, dialect: Dialect, sql: str) -> Exception:
    """Return the driver's error as SQLAlchemy's."""
    return DBAPIError.instance(
        sql,
        None,  # unpublished text must not reach the log
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        dialect=dialect,
    )


def _note_rest(_pooled: Any, record: Any) -> None:
    record.info[_RESTS_SINCE] = monotonic()


def _check(dialect: Dialect, pooled: Any, record: Any, _proxy: Any) -> None:
    """Raise if a connection is not alive, so that the pool opens another."""
    driver = pooled.driver_connection
    if driver.closed:
        raise DisconnectionError
    poll = select.poll()
    poll.register(driver.fileno(), select.POLLIN)
    rests_since = record.info.get(_RESTS_SINCE)
    if poll.poll(0) or (rests_since is not None and monotonic() - rests_since > _LONG_REST):
        try:
            dialect.do_ping(pooled)
        except dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error
