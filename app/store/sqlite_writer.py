"""Transactions that write to SQLite: they take turns, and those that wait share a commit.

Theory of operation. A file has one writer, so the units of work of a process take turns on one
connection. Each runs in a savepoint, which is rolled back if the unit fails. Then it queues again
for the commit, behind the units that wait already: these run first, in the same transaction, and
one commit makes all of them durable. A unit ends after its commit, so nobody is answered before.
If the commit fails, or an error of the file ends the transaction, all units in it fail.

SQLAlchemy's session takes part only if a unit uses it: prepared statements go to the driver.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection as SyncConnection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.ending import OnCommit, complete
from app.store.prepared import set_driver
from app.store.sqlite import BEGIN_WRITING, Connection

_MOST_UNITS = 32  # that share a commit: the first of them waits for all others


class _UnitSession(Session):
    """A session in a savepoint of its connection, which SQLAlchemy then takes to be in one."""

    def get_bind(self, *args: Any, **kwargs: Any) -> SyncConnection:
        """Return the connection; called before the session uses it for the first time."""
        connection = super().get_bind(*args, **kwargs)
        assert isinstance(connection, SyncConnection)
        if not connection.in_transaction():
            connection.begin()
        return connection


@dataclass(eq=False, slots=True)
class _Transaction:
    """A transaction of the file. `units` are those that it will commit."""

    connection: AsyncConnection
    driver: Connection
    units: int = 0
    is_over: bool = False
    error: BaseException | None = None

    def end(self, error: BaseException | None = None) -> None:
        """Note that the transaction has ended, and why its units are not stored."""
        if not self.is_over:
            self.is_over, self.error = True, error

    def run(self, statement: str) -> None:
        """Run a statement on savepoints."""
        try:
            self.driver.run_short(statement)
        except (sqlite3.Error, ValueError) as error:  # aiosqlite's, without a connection
            raise OperationalError(statement, None, error) from error

    async def undo(self, session: AsyncSession, error: BaseException) -> None:
        """Roll back to the savepoint of a unit that has failed; end what cannot be rolled back."""
        try:
            if session.in_transaction():
                await session.rollback()
            if self.connection.invalidated or not self.driver.in_transaction:
                self.end(error)
                return
            self.run("ROLLBACK TO unit")
            self.run("RELEASE unit")
        except Exception as failure:  # noqa: BLE001  half of the unit may still be there
            self.end(failure)

    async def commit(self) -> None:
        """Commit the units; the file is synchronised in a thread."""
        try:
            if not self.driver.in_transaction:  # to commit nothing would succeed
                self.end(sqlite3.OperationalError("the transaction has been rolled back"))
            elif self.connection.in_transaction():
                await self.connection.commit()
            else:
                await self.driver.commit()
        except Exception as error:  # noqa: BLE001  whatever it is, nothing is stored
            self.end(error)
        else:
            self.end()

    def check(self) -> None:
        """Raise if the units were not committed."""
        if self.error is not None:
            reason = self.error.orig if isinstance(self.error, DBAPIError) else self.error
            raise OperationalError("COMMIT", None, reason or self.error) from self.error


class SqliteWriter:
    """The connection that writes.

    Args:
        engine: opens the connection.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._turn = asyncio.Lock()  # first come, first served, unlike SQLite's busy time-out
        self._connection: AsyncConnection | None = None
        self._transaction: _Transaction | None = None

    @asynccontextmanager
    async def unit(self, on_commit: OnCommit, *, is_long: bool) -> AsyncIterator[AsyncSession]:
        """A unit of work: stored when the block ends, rolled back when it raises.

        Args:
            on_commit: called after the commit.
            is_long: whether it begins a transaction, so that no other unit's commit waits for it.

        Raises:
            DBAPIError: the file cannot be written.
        """
        async with self._turn:
            transaction = await self._join(is_long=is_long)
            session = AsyncSession(
                transaction.connection,
                sync_session_class=_UnitSession,
                expire_on_commit=False,
                join_transaction_mode="create_savepoint",
            )
            set_driver(session, transaction.connection, transaction.driver)
            try:
                yield session
                if session.in_transaction():
                    await session.commit()
                transaction.run("RELEASE unit")
            except BaseException as error:
                await complete(self._leave(transaction, session, error))
                raise
            transaction.units += 1
        await complete(self._commit(transaction, session, on_commit))

    async def _join(self, *, is_long: bool) -> _Transaction:
        """Return the open transaction, or begin one, with a savepoint for the next unit."""
        transaction = self._transaction
        if transaction is not None and (is_long or transaction.units >= _MOST_UNITS):
            await complete(self._end(transaction))
            transaction = None
        if transaction is None:
            try:
                transaction = self._transaction = await self._begin()
            except BaseException:
                await complete(self.close())
                raise
        transaction.run("SAVEPOINT unit")
        return transaction

    async def _begin(self) -> _Transaction:
        connection = self._connection = self._connection or await self._engine.connect()
        raw = await connection.get_raw_connection()
        driver = raw.driver_connection
        assert isinstance(driver, Connection)
        try:
            # To the end: the thread would take the lock for a connection that has been returned.
            await complete(driver.begin_writing())
        except sqlite3.Error as error:
            raise OperationalError(BEGIN_WRITING, None, error) from error
        return _Transaction(connection, driver)

    async def _leave(
        self, transaction: _Transaction, session: AsyncSession, error: BaseException
    ) -> None:
        await transaction.undo(session, error)
        if transaction.is_over or not transaction.units:  # else the others end it
            await self._end(transaction)

    async def _commit(
        self, transaction: _Transaction, session: AsyncSession, on_commit: OnCommit
    ) -> None:
        async with self._turn:
            if not transaction.is_over:
                await self._end(transaction)
        transaction.check()
        await on_commit(session)

    async def _end(self, transaction: _Transaction) -> None:
        """End the transaction, in its turn."""
        self._transaction = None
        if not transaction.is_over:
            await transaction.commit()
        if transaction.error is not None:
            await self.close()

    async def close(self) -> None:
        """Close the connection, which rolls back what is not committed."""
        if self._transaction is not None:
            self._transaction.end(sqlite3.OperationalError("the database is being closed"))
            self._transaction = None
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(DBAPIError, OSError):
                await connection.close()
