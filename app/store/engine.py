"""Database engine: snapshot reads, and one writing transaction at a time per coverage.

It refuses to start on a database that cannot be opened, or whose tables this program does not know.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from contextvars import ContextVar
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.database_url import parse_database_url
from app.store.ending import OnCommit, complete
from app.store.errors import StoreError
from app.store.file_modes import restrict_mode
from app.store.pipeline import prepare_engine
from app.store.prepared import Source
from app.store.revision import current_revision, newest_revision
from app.store.sqlite import (
    begin_reading,
    begin_writing,
    open_connection,
    prepare_connection,
    release_connection,
)
from app.store.sqlite_writer import SqliteWriter

_READERS = 8
_CLOSE_TIMEOUT = 5.0  # seconds in which cancelled tasks must return their connections
_ANONYMOUS_READERS = 4  # of the readers, for anonymous clients

# Set for the task of an anonymous client, which may not use all connections for reading: the
# newsroom needs some too.
READS_ANONYMOUSLY = ContextVar("READS_ANONYMOUSLY", default=False)

_writing = ContextVar("writing", default=False)


def is_writing() -> bool:
    """Whether this task is in a writing transaction, for which others wait."""
    return _writing.get()


class Store:
    """A database with two kinds of sessions: `reading` sees a snapshot, `writing` is atomic."""

    def __init__(self, url: str) -> None:
        self.url = parse_database_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._open: set[asyncio.Future[None]] = set()  # each is done when its session is closed
        self._on_commit: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {}
        self._anonymous_readers = asyncio.Semaphore(_ANONYMOUS_READERS)
        self._readers = self._engine(_READERS + self.is_sqlite, is_writer=False)
        self._lookups = _Lookups(self._readers)
        self._single_queries = self._readers.execution_options(isolation_level="AUTOCOMMIT")
        self._writers = self._engine(2 if self.is_sqlite else _READERS, is_writer=True)
        self._sqlite_writer = SqliteWriter(self._writers) if self.is_sqlite else None

    def _engine(self, pool_size: int, *, is_writer: bool) -> AsyncEngine:
        if not self.is_sqlite:
            isolation = "READ COMMITTED" if is_writer else "REPEATABLE READ"
            server = create_async_engine(
                self.url, pool_size=pool_size, isolation_level=isolation, hide_parameters=True
            )
            prepare_engine(server.sync_engine)
            return server
        # No parameters in errors: unpublished text must not reach the log.
        engine = create_async_engine(
            self.url,
            pool_size=pool_size,
            max_overflow=0,
            hide_parameters=True,
            connect_args={"async_creator_fn": partial(open_connection, is_writer=is_writer)},
        )
        event.listen(engine.sync_engine, "connect", prepare_connection)
        event.listen(engine.sync_engine, "invalidate", release_connection)
        event.listen(engine.sync_engine, "begin", begin_writing if is_writer else begin_reading)
        return engine

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session whose reads all see the same snapshot."""
        slots = self._anonymous_readers if READS_ANONYMOUSLY.get() else nullcontext()
        with self._registered():
            async with slots, AsyncSession(self._readers, expire_on_commit=False) as session:
                yield session

    @asynccontextmanager
    async def looking_up(self) -> AsyncIterator[Source]:
        """Where single prepared queries see what is committed.

        For SQLite, it is one connection without transactions: to open and to end one takes ten
        times as long as the query that identifies a caller.
        """
        if self.is_sqlite:
            yield self._lookups
            return
        slots = self._anonymous_readers if READS_ANONYMOUSLY.get() else nullcontext()
        with self._registered():
            async with slots, AsyncSession(self._single_queries) as session:
                yield session

    @asynccontextmanager
    async def writing(self, *, is_long: bool = False) -> AsyncIterator[AsyncSession]:
        """A transaction: committed when the block ends, rolled back when it raises.

        Args:
            is_long: whether it may last for seconds, so that what was written before it is
                committed first.
        """
        if self._sqlite_writer is None:
            unit = self._server_unit(self._call_back)
        else:
            unit = self._sqlite_writer.unit(self._call_back, is_long=is_long)
        with self._registered():
            async with unit as session:
                token = _writing.set(True)
                try:
                    yield session
                finally:
                    _writing.reset(token)

    @asynccontextmanager
    async def _server_unit(self, on_commit: OnCommit) -> AsyncIterator[AsyncSession]:
        """A unit of work on a database server, with a connection of its own."""
        async with AsyncSession(self._writers, expire_on_commit=False) as session:
            try:
                yield session
            except BaseException:
                await complete(session.rollback())
                raise
            await complete(self._commit(session, on_commit))

    async def _commit(self, session: AsyncSession, on_commit: OnCommit) -> None:
        await session.commit()
        await on_commit(session)

    async def _call_back(self, session: AsyncSession) -> None:
        for key, callback in self._on_commit.items():
            if key in session.info:
                await callback()

    @contextmanager
    def _registered(self) -> Iterator[None]:
        """Let `close` wait for what uses a connection."""
        closed = asyncio.get_running_loop().create_future()
        self._open.add(closed)
        try:
            yield
        finally:
            self._open.discard(closed)
            closed.set_result(None)

    def on_commit(self, key: str, callback: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Register a callback for each commit whose session has a key in its `info`.

        It runs before the response to the writing request. It must not raise: the commit stands.
        """
        self._on_commit[key] = callback

    async def check(self) -> None:
        """Check that the database answers.

        Raises:
            StoreError: it does not answer.
        """
        try:
            async with self._readers.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except (DBAPIError, OSError) as error:
            raise StoreError(self._cannot_open(error)) from error

    async def read_clock(self) -> datetime | None:
        """The time on the database's server; None for SQLite, which uses this machine's clock."""
        if self.is_sqlite:
            return None
        async with self._readers.connect() as connection:
            now = await connection.scalar(text("SELECT clock_timestamp()"))
        assert isinstance(now, datetime)
        return now

    async def migrate(self) -> list[str]:
        """Migrate the tables to this program's revision.

        Returns:
            The revisions applied, oldest first; empty if the tables were up to date.

        Raises:
            StoreError: the database cannot be opened, is not Dateline's, or has a newer revision.
        """

        def upgrade(connection: Connection) -> list[str]:
            if current_revision(connection) == newest_revision():
                return []
            from app.store import migration  # noqa: PLC0415  Alembic takes 0.2 s to import

            return migration.upgrade(connection)

        self._make_file()
        try:
            async with self._writers.begin() as connection:
                revisions = await connection.run_sync(upgrade)
        except (DBAPIError, OSError) as error:
            raise StoreError(self._cannot_open(error)) from error
        self._restrict_files()
        return revisions

    def _make_file(self) -> None:
        if not self.is_sqlite or not self.url.database:
            return
        file = Path(self.url.database)
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(self._cannot_open(error)) from error
        with suppress(OSError):  # SQLite reports the reason
            file.touch(mode=0o600)

    def _restrict_files(self) -> None:
        """Keep other users from the files of a database that has turned out to be Dateline's."""
        if self.is_sqlite and self.url.database:
            # SQLite gives the -wal and -shm files the mode of the database file.
            for end in ("", "-wal", "-shm"):
                restrict_mode(Path(f"{self.url.database}{end}"))

    def _cannot_open(self, error: Exception) -> str:
        reason = str(error.orig) if isinstance(error, DBAPIError) else str(error)
        plain = self.url.set(drivername=self.url.get_backend_name())
        where = plain.render_as_string(hide_password=True)
        return f"cannot open the database {where}: {' '.join(reason.split())}"

    async def close(self) -> None:
        """Close every connection, including those that are just being returned."""
        if self._open:  # else the end of the loop would abort them, with a traceback each
            await asyncio.wait(self._open, timeout=_CLOSE_TIMEOUT)
        await self._lookups.close()
        if self._sqlite_writer is not None:
            await self._sqlite_writer.close()
        await self._readers.dispose()
        await self._writers.dispose()


class _Lookups:
    """A connection for queries outside of transactions, opened for the first one."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.info: dict[Any, Any] = {}
        self._engine = engine
        self._connection: AsyncConnection | None = None

    async def connection(self) -> AsyncConnection:
        """Return the connection."""
        opened = self._connection or await self._engine.connect()
        if self._connection not in {None, opened}:  # another task was faster
            await opened.close()
        self._connection = self._connection or opened
        return self._connection

    async def close(self) -> None:
        """Return the connection to its pool."""
        if self._connection is not None:
            await self._connection.close()
