"""Pipeline: statements that PostgreSQL gets together have the effects that they had one by one."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Float, bindparam, func, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from app.store.engine import Store
from app.store.pipeline import pending_of
from app.store.prepared import PreparedStatement, insert_of, matches, table_of
from app.store.tables import KeyRow
from tests.servers import PostgresServer
from tests.store.test_prepared import KEY

ADD = insert_of(KeyRow)
QUERY = PreparedStatement(select(*table_of(KeyRow).c).where(*matches(KeyRow, "id")))
SLEEP = PreparedStatement(select(func.pg_sleep(bindparam("seconds", type_=Float))))
_OTHERS = "datname = current_database() AND pid <> pg_backend_pid()"
_SLEEPING = f"SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND {_OTHERS}"
NAMES = select(KeyRow.id).order_by(KeyRow.id)


@pytest.fixture
async def store(postgres: PostgresServer) -> AsyncIterator[Store]:
    """A store on a database of its own."""
    opened = Store(postgres.fresh_database())
    await opened.migrate()
    yield opened
    await opened.close()


async def ids(store: Store) -> list[str]:
    """Return the ids of the rows that are committed."""
    async with store.reading() as session:
        return list(await session.exec(NAMES))


async def test_a_statement_without_rows_waits_for_the_next_one(store: Store) -> None:
    """It is sent with a query, with SQLAlchemy's own statement, or with the commit."""
    async with store.writing() as session:
        await ADD.execute(session, KEY)
        raw = await (await session.connection()).get_raw_connection()
        pending = pending_of(raw.driver_connection)
        assert len(pending) == 1
        assert await QUERY.find(session, {"of_id": KEY["id"]}) is not None
        assert pending == []
        await ADD.execute(session, KEY | {"id": "second"})
        assert list(await session.exec(NAMES)) == [KEY["id"], "second"]
        assert pending == []
        await ADD.execute(session, KEY | {"id": "third"})
        assert await ids(store) == []
    assert await ids(store) == [KEY["id"], "second", "third"]


@pytest.mark.parametrize("then", ["query", "statement", "commit"])
async def test_a_failed_statement_stores_nothing(store: Store, then: str) -> None:
    """Its error is raised by what follows it, and the connection can be used again."""

    async def fail() -> None:
        async with store.writing() as session:
            await ADD.execute(session, KEY | {"id": "other"})
            await ADD.execute(session, KEY)
            await ADD.execute(session, KEY)
            if then == "query":
                await QUERY.find(session, {"of_id": KEY["id"]})
            elif then == "statement":
                await session.exec(NAMES)

    for _ in range(3):
        with pytest.raises(IntegrityError, match="api_key_pkey"):
            await fail()
    assert await ids(store) == []
    async with store.writing() as session:
        await ADD.execute(session, KEY)
    assert await ids(store) == [KEY["id"]]


async def test_what_was_not_sent_is_not_stored_by_the_next_transaction(store: Store) -> None:
    """A rollback forgets the statements that wait."""

    async def fail() -> None:
        async with store.writing() as session:
            await ADD.execute(session, KEY)
            raise ZeroDivisionError

    for number in range(3):
        with pytest.raises(ZeroDivisionError):
            await fail()
        async with store.writing() as session:
            await ADD.execute(session, KEY | {"id": f"{number}"})
    assert await ids(store) == ["0", "1", "2"]


async def test_a_cancelled_statement_leaves_no_trace(store: Store) -> None:
    """A task that is cancelled while PostgreSQL works stores nothing; others can write."""

    async def wait_long() -> None:
        async with store.writing() as session:
            await ADD.execute(session, KEY)
            await SLEEP.execute(session, {"seconds": 30.0})

    task = asyncio.create_task(wait_long())
    async with store.reading() as session:
        while await session.scalar(text(_SLEEPING)) == 0:
            assert not task.done()
            await session.rollback()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with store.writing() as session:
        await ADD.execute(session, KEY | {"id": "second"})
    assert await ids(store) == ["second"]


async def test_a_connection_that_the_server_has_closed_is_replaced(store: Store) -> None:
    """Connections that were idle while the server ended them are noticed before they are used."""
    async with store.writing() as session:
        await ADD.execute(session, KEY)
    async with store.reading() as session:
        others = f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE {_OTHERS}"
        await session.exec(text(others))  # type: ignore[call-overload]
    async with store.writing() as session:
        await ADD.execute(session, KEY | {"id": "second"})
    async with store.looking_up() as source:
        assert await QUERY.find(source, {"of_id": "second"}) is not None
    assert await ids(store) == [KEY["id"], "second"]
