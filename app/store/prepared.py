"""Statements that are compiled once and executed by the database's driver.

SQLAlchemy takes ten to a hundred times as long to build, analyse and execute a statement as SQLite
takes to run it. The statements of every write are therefore built from the tables when their
modules are imported, compiled when they first run, and given to the driver of the session's
connection: the transaction, the types and the errors are those of SQLAlchemy. A parameter has the
name of its column; one of a condition, `of_` and the name.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Dialect, Executable, Table, bindparam, delete, insert, inspect, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import SQLModel

from app.store.pipeline import flush, pending_of, send, wrap
from app.store.sqlite import Connection as SqliteConnection

Row = tuple[Any, ...]
Convert = Callable[[Any], Any] | None

_DRIVER = "driver"  # in the session's `info`


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement in the SQL of a dialect, with the conversions of its parameters and columns."""

    sql: str
    is_positional: bool
    parameters: tuple[tuple[str, Convert], ...]
    columns: tuple[Convert, ...]
    converts: bool  # whether a column has a conversion
    has_rows: bool

    def bind(self, values: Mapping[str, Any]) -> Any:
        """Return the driver's parameters for these values."""
        if self.is_positional:
            return tuple(
                [  # a list is made faster than a generator runs
                    values[name] if convert is None else convert(values[name])
                    for name, convert in self.parameters
                ]
            )
        return {
            name: values[name] if convert is None else convert(values[name])
            for name, convert in self.parameters
        }

    def convert(self, rows: Iterable[Row]) -> list[Row]:
        """Return the driver's rows with the values of the columns' types."""
        if not self.converts:
            return list(rows)
        return [
            tuple(
                value if convert is None else convert(value)
                for value, convert in zip(row, self.columns, strict=True)
            )
            for row in rows
        ]


def _compile(statement: Executable, dialect: Dialect) -> _Compiled:
    compiled = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
    names = compiled.positiontup if compiled.positional else compiled.binds
    types = {name: compiled.binds[name].type.dialect_impl(dialect) for name in names}
    selected = getattr(statement, "selected_columns", ())
    columns = tuple(c.type.dialect_impl(dialect).result_processor(dialect, None) for c in selected)
    return _Compiled(
        str(compiled),
        compiled.positional,
        tuple((name, types[name].bind_processor(dialect)) for name in names),
        columns,
        any(columns),
        not getattr(statement, "is_dml", False),
    )


class Source(Protocol):
    """What executes prepared statements: a session, or a connection of its own."""

    @property
    def info(self) -> dict[Any, Any]:
        """Where the driver's connection is kept."""

    async def connection(self) -> AsyncConnection:
        """Return the connection; in a session, this begins the transaction."""


class PreparedStatement:
    """A statement without lists of parameters, for any session.

    PostgreSQL gets an insertion, update or deletion together with the next query (`pipeline.py`).
    A nested transaction of a session does not contain prepared statements: it has its savepoint
    only once SQLAlchemy executes a statement.

    Args:
        statement: the statement, or one for each dialect by its name. What it changes it does not
            return.
    """

    def __init__(self, statement: Executable | Mapping[str, Executable]) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    async def execute(self, session: Source, values: Mapping[str, Any]) -> list[Row]:
        """Execute the statement in the session's transaction.

        Args:
            session: the session, or a connection outside of a transaction.
            values: the parameters, by name.

        Returns:
            The rows that it selects.

        Raises:
            DBAPIError: the database refuses it, or is not reached.
        """
        connection, driver = await _find_driver(session)
        compiled = self._in(connection.dialect)
        parameters = compiled.bind(values)
        sync = connection.sync_connection
        if sync is not None and sync.dispatch.before_cursor_execute:
            await connection.run_sync(_announce, compiled.sql, parameters)
        try:
            if isinstance(driver, SqliteConnection):
                rows = driver.run_short(compiled.sql, parameters)
            else:
                rows = await _fetch(connection, driver, compiled, parameters)
        except connection.dialect.loaded_dbapi.Error as error:
            raise wrap(error, connection.dialect, compiled.sql) from error
        return compiled.convert(rows)

    async def execute_many(self, session: Source, values: Sequence[Mapping[str, Any]]) -> None:
        """Execute the statement once for each of these values, outside of the event loop if it can.

        Raises:
            DBAPIError: the database refuses it, or is not reached.
        """
        connection, driver = await _find_driver(session)
        compiled = self._in(connection.dialect)
        parameters = map(compiled.bind, values)
        try:
            if isinstance(driver, SqliteConnection):
                await driver.run_many(compiled.sql, parameters)
            else:
                await connection.run_sync(flush)
                async with driver.cursor() as cursor:
                    await cursor.executemany(compiled.sql, list(parameters))
        except connection.dialect.loaded_dbapi.Error as error:
            raise wrap(error, connection.dialect, compiled.sql) from error

    def _in(self, dialect: Dialect) -> _Compiled:
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            statement = self._statement
            chosen = statement[dialect.name] if isinstance(statement, Mapping) else statement
            compiled = self._compiled[dialect.name] = _compile(chosen, dialect)
        return compiled

    async def find(self, session: Source, values: Mapping[str, Any]) -> Row | None:
        """Execute the statement; returns the first row, None if there is none."""
        rows = await self.execute(session, values)
        return rows[0] if rows else None


async def _fetch(
    connection: AsyncConnection, driver: Any, compiled: _Compiled, parameters: Any
) -> list[Row]:
    """Execute a statement with psycopg, or keep it until the next one if it has no rows."""
    pending = pending_of(driver)
    if not compiled.has_rows:
        pending.append((compiled.sql, parameters))
        return []
    try:
        cursor = await send(driver, pending, compiled.sql, parameters)
        return list(await cursor.fetchall())
    except BaseException as error:
        # As SQLAlchemy does: a cancelled statement may still run, and its connection is not used
        # again.
        if driver.closed or not isinstance(error, Exception):
            await asyncio.shield(connection.invalidate())
        raise


def set_driver(session: Source, connection: AsyncConnection, driver: Any) -> None:
    """Set the connection of a session that is already in a transaction of the driver."""
    session.info[_DRIVER] = connection, driver


async def _find_driver(session: Source) -> tuple[AsyncConnection, Any]:
    """Return the session's connection, and that of the driver."""
    found: tuple[AsyncConnection, Any] | None = session.info.get(_DRIVER)
    if found is None:
        connection = await session.connection()
        raw = await connection.get_raw_connection()
        found = session.info[_DRIVER] = connection, raw.driver_connection
    return found


def _announce(connection: Any, sql: str, parameters: Any) -> None:
    """Call the listeners of SQLAlchemy's event, which examine or count the statements."""
    for listener in connection.dispatch.before_cursor_execute:
        listener(connection, None, sql, parameters, None, False)


def table_of(row: type[SQLModel]) -> Table:
    """The table of a row's class. A statement on it bypasses the ORM."""
    table = inspect(row).local_table
    assert isinstance(table, Table)
    return table


def matches(row: type[SQLModel], *columns: str) -> tuple[ColumnElement[bool], ...]:
    """Conditions: each of these columns equals its parameter `of_COLUMN`."""
    table = table_of(row)
    return tuple(table.c[name] == bindparam(f"of_{name}") for name in columns)


def insert_of(row: type[SQLModel]) -> PreparedStatement:
    """An insertion of a row with all columns but a serial number."""
    return PreparedStatement(insert(table_of(row)).values(_values(row)))


def update_of(
    row: type[SQLModel], keys: tuple[str, ...], columns: tuple[str, ...]
) -> PreparedStatement:
    """An update of these columns, in the rows that match the keys."""
    values: dict[str, Any] = {name: bindparam(name) for name in columns}
    return PreparedStatement(update(table_of(row)).where(*matches(row, *keys)).values(values))


def delete_of(row: type[SQLModel], *keys: str) -> PreparedStatement:
    """A deletion of the rows that match the keys."""
    return PreparedStatement(delete(table_of(row)).where(*matches(row, *keys)))


def upsert_of(row: type[SQLModel], *keys: str) -> PreparedStatement:
    """An insertion that updates the row with the same unique keys, if there is one."""
    return PreparedStatement(
        {
            "postgresql": _upsert(postgresql.insert(table_of(row)), row, keys),
            "sqlite": _upsert(sqlite.insert(table_of(row)), row, keys),
        }
    )


def _upsert(statement: Any, row: type[SQLModel], keys: tuple[str, ...]) -> Executable:
    values = _values(row)
    changed = {name: statement.excluded[name] for name in values if name not in keys}
    upsert: Executable = statement.values(values).on_conflict_do_update(
        index_elements=list(keys), set_=changed
    )
    return upsert


def _values(row: type[SQLModel]) -> dict[str, Any]:
    table = table_of(row)
    serial = table.autoincrement_column
    return {column.name: bindparam(column.name) for column in table.c if column is not serial}
