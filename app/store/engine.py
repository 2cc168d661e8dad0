"""The database: opened once, read at one moment, written one transaction at a time per coverage.

Refuses to start on a database that cannot be opened, or whose tables this program does not know.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from contextvars import ContextVar
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.database_url import parse_database_url
from app.store.errors import StoreError
from app.store.file_modes import narrow
from app.store.sqlite import open_connection

_BUSY_TIMEOUT = 10_000  # milliseconds that a writer waits for another process's transaction
_READERS = 8
_GRACE = 5.0  # seconds in which those who were told to stop give their connections back
_STRANGERS = 4  # of them, for whoever has not shown who they are

# Set for a task that may not have all connections for reading: the newsroom reads too.
READS_AS_STRANGER = ContextVar("READS_AS_STRANGER", default=False)

_writing = ContextVar("writing", default=False)


def is_writing() -> bool:
    """Whether this task is in a transaction that writes, for which others wait."""
    return _writing.get()


class Store:
    """A database with its two ways in: `reading` sees one moment, `writing` commits whole."""

    def __init__(self, url: str) -> None:
        self.url = parse_database_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        # One connection writes: SQLite has one writer anyway, and waiting in line here is fair
        # where its busy timeout is not.
        self._line: AbstractAsyncContextManager[Any] = (
            asyncio.Lock() if self.is_sqlite else nullcontext()
        )
        self._open: set[asyncio.Future[None]] = set()  # each is done when its session is closed
        self._heeding: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {}
        self._strangers = asyncio.Semaphore(_STRANGERS)
        self._readers = self._engine("BEGIN", pool_size=_READERS)
        self._writers = self._engine("BEGIN IMMEDIATE", pool_size=1 if self.is_sqlite else _READERS)

    def _engine(self, begin: str, pool_size: int) -> AsyncEngine:
        if not self.is_sqlite:
            isolation = "REPEATABLE READ" if begin == "BEGIN" else "READ COMMITTED"
            return create_async_engine(
                self.url,
                pool_size=pool_size,
                pool_pre_ping=True,
                isolation_level=isolation,
                hide_parameters=True,
            )
        # No parameters in errors: what is not public yet must not get into the log by one.
        engine = create_async_engine(
            self.url,
            pool_size=pool_size,
            max_overflow=0,
            hide_parameters=True,
            connect_args={"async_creator_fn": open_connection},
        )
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "invalidate", _release_sqlite)
        event.listen(engine.sync_engine, "begin", lambda c: c.exec_driver_sql(begin))
        return engine

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session in which everything is read as of one moment."""
        places = self._strangers if READS_AS_STRANGER.get() else nullcontext()
        async with places, self._session(self._readers) as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A transaction: committed when the block ends, undone when it raises."""
        async with self._line, self._session(self._writers) as session:
            token = _writing.set(True)
            try:
                yield session
            except BaseException:
                await _complete(session.rollback())
                raise
            else:
                is_cancelled = await _complete(session.commit())
            finally:
                _writing.reset(token)
        for mark, act in self._heeding.items():
            if mark in session.info:
                is_cancelled |= await _complete(act())
        if is_cancelled:
            raise asyncio.CancelledError

    @asynccontextmanager
    async def _session(self, engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
        closed = asyncio.get_running_loop().create_future()
        self._open.add(closed)
        try:
            async with AsyncSession(engine, expire_on_commit=False) as session:
                yield session
        finally:
            self._open.discard(closed)
            closed.set_result(None)

    def heed(self, mark: str, act: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do something after each commit whose transaction has left a mark in its `info`.

        Whoever wrote is answered after it. It must not raise: what was committed stays.
        """
        self._heeding[mark] = act

    async def check(self) -> None:
        """Touch the database.

        Raises:
            StoreError: it does not answer.
        """
        try:
            async with self._readers.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except (DBAPIError, OSError) as error:
            raise StoreError(self._cannot_open(error)) from error

    async def read_clock(self) -> datetime | None:
        """What time it is at the database's server; None where the file is this machine's."""
        if self.is_sqlite:
            return None
        async with self._readers.connect() as connection:
            now = await connection.scalar(text("SELECT clock_timestamp()"))
        assert isinstance(now, datetime)
        return now

    async def migrate(self) -> list[str]:
        """Bring the tables to this program's revision.

        Returns:
            The revisions applied, oldest first; empty if there was nothing to do.

        Raises:
            StoreError: the database cannot be opened, is not Dateline's, or is newer.
        """
        from app.store.migration import upgrade  # noqa: PLC0415  Alembic takes 0.2 s to import

        self._make_file()
        try:
            async with self._writers.begin() as connection:
                return await connection.run_sync(upgrade)
        except (DBAPIError, OSError) as error:
            raise StoreError(self._cannot_open(error)) from error

    def _make_file(self) -> None:
        if not self.is_sqlite or not self.url.database:
            return
        file = Path(self.url.database)
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(self._cannot_open(error)) from error
        with suppress(OSError):  # SQLite says why
            file.touch(mode=0o600)
        # SQLite gives the files beside it the modes that it has itself.
        for path in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
            narrow(path)

    def _cannot_open(self, error: Exception) -> str:
        reason = str(error.orig) if isinstance(error, DBAPIError) else str(error)
        plain = self.url.set(drivername=self.url.get_backend_name())
        where = plain.render_as_string(hide_password=True)
        return f"cannot open the database {where}: {' '.join(reason.split())}"

    async def close(self) -> None:
        """Let go of every connection, those that are just being given back included."""
        if self._open:  # else the end of the loop would break them off, with a traceback each
            await asyncio.wait(self._open, timeout=_GRACE)
        await self._readers.dispose()
        await self._writers.dispose()


async def _complete(ending: Coroutine[Any, Any, None]) -> bool:
    """Await the end of a transaction, also for a task that is cancelled meanwhile.

    Broken off, it would leave a connection in an unknown state, a traceback in the log, and what
    was committed without what has to follow it.

    Returns:
        Whether the task was cancelled.
    """
    task, is_cancelled = asyncio.create_task(ending), False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            is_cancelled = True
    task.result()
    return is_cancelled


def _release_sqlite(connection: Any, _record: Any, _error: BaseException | None) -> None:
    # A task that is cancelled in the middle of a statement leaves a cursor behind, with which the
    # closed connection would hold its lock until the next garbage collection.
    with suppress(Exception):
        connection.rollback()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # SQLAlchemy's own "begin" event opens transactions, so that a writer asks for the write lock at
    # once: a reader that turns into a writer late can be refused without a wait.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {_BUSY_TIMEOUT}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        # Retracted words are overwritten in the file and not only unlinked. FAST would leave those
        # of a body that is longer than a page.
        "secure_delete = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
