"""Units of work that share a commit: what was acknowledged is stored, and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from app.access.audit import NOBODY, record_audit
from app.store.engine import Store
from app.store.tables import AuditRow
from tests.strategies import START


class Refused(Exception):
    """A unit of work refuses what it was asked for."""


@dataclass(frozen=True)
class Unit:
    """A unit of work: what it does between its two rows, and when its task is cancelled."""

    uses_orm: bool = False
    nests: bool = False
    fails: bool = False
    waits: int = 0
    cancelled_after: int | None = None


units = st.builds(
    Unit,
    uses_orm=st.booleans(),
    nests=st.booleans(),
    fails=st.booleans(),
    waits=st.integers(0, 3),
    cancelled_after=st.none() | st.integers(0, 40),
)


async def open_store(folder: str | Path) -> Store:
    """Open a migrated store in a file."""
    store = Store(f"sqlite:///{folder}/dateline.db")
    await store.migrate()
    return store


async def run(store: Store, name: str, unit: Unit, size: int = 0) -> None:
    """Write two rows of a name in one unit of work."""
    async with store.writing() as session:
        detail = {"padding": "x" * size}
        await record_audit(session, NOBODY, name, START, detail=detail)
        if unit.nests:
            async with session.begin_nested():
                await session.exec(select(AuditRow))
        for _ in range(unit.waits):
            await asyncio.sleep(0)
        if unit.uses_orm:
            row = {"at": START, "caller": "", "name": "", "action": name, "detail": "{}"}
            await session.exec(insert(AuditRow).values(row))
        else:
            await record_audit(session, NOBODY, name, START)
        if unit.fails:
            raise Refused


async def stored(store: Store) -> list[str]:
    """Return the names of the rows, each once, in order of the first."""
    async with store.reading() as session:
        names = list(await session.exec(select(AuditRow.action).order_by(AuditRow.id)))  # type: ignore[arg-type]
    assert all(names.count(name) == 2 for name in names), "half a unit is stored"
    return list(dict.fromkeys(names))


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated database file, which the examples copy."""
    folder = tmp_path_factory.mktemp("migrated")

    async def make() -> None:
        await (await open_store(folder)).close()

    asyncio.run(make())
    return folder / "dateline.db"


@given(chosen=st.lists(units, min_size=1, max_size=12))
def test_what_is_acknowledged_is_stored_and_what_fails_is_not(
    migrated: Path, chosen: Sequence[Unit]
) -> None:
    """However units fail and are cancelled beside one another, each is stored whole or not at all.

    A unit that ended without an error is stored, one that failed is not, and one that was cancelled
    may be either.
    """

    async def check(folder: str) -> None:
        store = Store(f"sqlite:///{copyfile(migrated, f'{folder}/dateline.db')}")
        tasks = [asyncio.create_task(run(store, str(n), unit)) for n, unit in enumerate(chosen)]
        for turn in range(41):
            for task, unit in zip(tasks, chosen, strict=True):
                if unit.cancelled_after == turn:
                    task.cancel()
            await asyncio.sleep(0)
        results = await asyncio.gather(*tasks, return_exceptions=True)
        names = set(await stored(store))
        for number, (unit, result) in enumerate(zip(chosen, results, strict=True)):
            if isinstance(result, asyncio.CancelledError):
                assert unit.cancelled_after is not None
            elif unit.fails:
                assert isinstance(result, Refused)
                assert str(number) not in names
            else:
                assert result is None
                assert str(number) in names
        await run(store, "next", Unit())
        assert (await stored(store))[-1] == "next"
        await store.close()

    with TemporaryDirectory() as folder:
        asyncio.run(check(folder))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """Yield a store on SQLite."""
    opened = await open_store(tmp_path)
    yield opened
    await opened.close()


async def trace(store: Store) -> list[str]:
    """Return a list that the writing connection's statements are added to."""
    await run(store, "first", Unit())
    statements: list[str] = []
    driver: Any = (await store._sqlite_writer._connection.get_raw_connection()).driver_connection
    driver._conn.set_trace_callback(statements.append)
    return statements


async def test_units_that_wait_share_a_commit(store: Store) -> None:
    """Twenty concurrent units are stored by fewer commits than units, and one by one."""
    statements = await trace(store)
    await asyncio.gather(*(run(store, str(number), Unit()) for number in range(20)))
    assert 1 <= statements.count("COMMIT") < 20
    assert statements.count("SAVEPOINT unit") == 20
    assert await stored(store) == ["first", *map(str, range(20))]


async def test_no_unit_ends_before_its_commit(store: Store) -> None:
    """When a unit has ended, another connection sees its rows."""

    async def write_and_look(name: str) -> None:
        await run(store, name, Unit())
        assert name in await stored(store)

    await asyncio.gather(*(write_and_look(str(number)) for number in range(20)))


async def test_a_full_disk_fails_units_and_stores_no_half_of_them(store: Store) -> None:
    """If the file cannot grow, the units that end without an error are those that are stored."""
    await run(store, "first", Unit())
    driver: Any = (await store._sqlite_writer._connection.get_raw_connection()).driver_connection
    ((pages,),) = driver.run_short("PRAGMA page_count")
    driver.run_short(f"PRAGMA max_page_count = {pages + 20}")
    names = [str(number) for number in range(30)]
    results = await asyncio.gather(
        *(run(store, name, Unit(), size=8000) for name in names), return_exceptions=True
    )
    acknowledged = [n for n, result in zip(names, results, strict=True) if result is None]
    failures = [result for result in results if result is not None]
    assert failures
    assert all(isinstance(each, DBAPIError) and "full" in str(each) for each in failures)
    assert await stored(store) == ["first", *acknowledged]
    # The limit belongs to a connection; a failed one is closed, and the next one has none.
    await store._sqlite_writer.close()
    await run(store, "next", Unit(), size=8000)
    assert (await stored(store))[-1] == "next"


async def test_units_whose_transaction_is_gone_fail(store: Store) -> None:
    """A unit that waits for its commit fails if the connection is closed meanwhile."""
    await run(store, "first", Unit())
    is_running, goes_on = asyncio.Event(), asyncio.Event()

    async def linger() -> None:
        async with store.writing():
            is_running.set()
            await goes_on.wait()

    waiting = asyncio.create_task(run(store, "waiting", Unit()))
    lingering = asyncio.create_task(linger())
    await is_running.wait()
    await store._sqlite_writer.close()
    goes_on.set()
    results = await asyncio.gather(waiting, lingering, return_exceptions=True)
    assert [isinstance(each, DBAPIError) for each in results] == [True, True]
    await run(store, "next", Unit())
    assert await stored(store) == ["first", "next"]


async def test_no_commit_waits_for_a_long_unit(store: Store) -> None:
    """What was written before a long unit is committed before that begins."""
    is_running, goes_on = asyncio.Event(), asyncio.Event()

    async def linger() -> None:
        async with store.writing(is_long=True):
            is_running.set()
            await goes_on.wait()

    quick = asyncio.create_task(run(store, "quick", Unit(waits=3)))
    await asyncio.sleep(0)
    lingering = asyncio.create_task(linger())
    await is_running.wait()
    assert await stored(store) == ["quick"]
    goes_on.set()
    await asyncio.gather(quick, lingering)
