"""Promises of the embedded database's connection: nobody waits for a turn of the loop in vain."""

import asyncio
import sqlite3
import threading
from pathlib import Path

from sqlalchemy import text

from app.store.engine import Store
from app.store.sqlite import connect_sqlite


async def test_a_short_statement_runs_where_it_is_asked_for(tmp_path: Path):
    """Else each of a transaction's calls waits for all that readers have the loop do."""
    connection = await connect_sqlite(str(tmp_path / "dateline.db"))
    await connection.create_function("here", 0, threading.get_ident)
    rows = await connection.execute_fetchall("SELECT here()")
    assert list(rows) == [(threading.get_ident(),)]
    await connection.close()


async def test_waiting_for_another_process_does_not_hold_up_the_loop(tmp_path: Path):
    """A second process writes: readers here go on, and the writer's turn comes."""
    path = tmp_path / "dateline.db"
    store = Store(f"sqlite:///{path}")
    await store.migrate()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def write() -> None:
        async with store.writing() as session:
            await session.exec(text("CREATE TABLE written (it)"))

    writing = asyncio.create_task(write())
    for _ in range(100):
        await asyncio.sleep(0)
    await store.check()
    assert not writing.done()
    other.execute("COMMIT")
    other.close()
    await writing
    async with store.reading() as session:
        assert (await session.exec(text("SELECT count(*) FROM written"))).scalar_one() == 0
    await store.close()
