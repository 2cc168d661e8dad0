"""Promises of how the tables come to be, in both databases."""

import asyncio
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from app.store.engine import Store
from app.store.errors import StoreError
from app.store.migration import alembic_config
from app.store.tables import CoverageRow
from tests.record import Record

ROOT = Path(__file__).parents[2]
TABLES = {*CoverageRow.metadata.tables, "alembic_version"}


async def execute(url: str, *statements: str) -> None:
    """Prepare a database with statements of somebody else's."""
    store = Store(url)
    store._make_file()
    async with store._writers.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await store.close()


async def tables(url: str) -> set[str]:
    """The names of the tables that there are."""
    store = Store(url)
    async with store._readers.connect() as connection:
        names = await connection.run_sync(lambda c: inspect(c).get_table_names())
    await store.close()
    return set(names)


async def refusal(url: str) -> str:
    """What migrating is refused with: one line for the operator."""
    store = Store(url)
    with pytest.raises(StoreError) as caught:
        await store.migrate()
    await store.close()
    assert "\n" not in str(caught.value)
    return str(caught.value)


async def test_the_tables_are_what_the_program_thinks_they_are(empty_database: str):
    """Alembic finds no difference between the migrations and the rows: no column is forgotten."""
    store = Store(empty_database)
    await store.migrate()

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        return list(compare_metadata(context, CoverageRow.metadata))

    async with store._readers.connect() as connection:
        assert await connection.run_sync(differences) == []
    await store.close()


async def test_an_empty_database_gets_every_revision_once(empty_database: str):
    """The second time there is nothing to do."""
    known = [s.revision for s in ScriptDirectory.from_config(alembic_config()).walk_revisions()]
    store = Store(empty_database)
    assert await store.migrate() == known[::-1]
    assert await store.migrate() == []
    await store.close()
    assert await tables(empty_database) == TABLES


async def test_what_is_stored_stays_through_another_start(empty_database: str):
    """A program that is started again finds its record."""
    store = Store(empty_database)
    await store.migrate()
    record = await Record(store).open()
    await record.publish("One")
    await store.close()
    store = record.store = Store(empty_database)
    await store.migrate()
    assert await record.journal() == record.desk.journal
    await store.close()


async def test_a_database_of_a_newer_program_is_left_alone(empty_database: str):
    """An old program would write what the new one cannot read."""
    store = Store(empty_database)
    await store.migrate()
    await store.close()
    await execute(empty_database, "UPDATE alembic_version SET version_num = '9999'")
    said = await refusal(empty_database)
    assert "9999" in said
    assert "newer than this program" in said


@pytest.mark.parametrize("name", sorted(CoverageRow.metadata.tables))
async def test_tables_of_somebody_else_are_refused(empty_database: str, name: str):
    """Whichever of the names is taken; nothing is added to them."""
    await execute(empty_database, f"CREATE TABLE {name} (x INTEGER)")
    assert "not Dateline's" in await refusal(empty_database)
    assert await tables(empty_database) <= {name, "alembic_version"}


async def test_a_step_that_fails_leaves_the_database_as_it_was(empty_database: str):
    """All or nothing, so that it can be tried again: here a name is taken that only it sees."""
    await execute(
        empty_database,
        "CREATE TABLE elsewhere (at INTEGER)",
        "CREATE INDEX journal_by_time ON elsewhere (at)",
    )
    assert "journal_by_time" in await refusal(empty_database)
    assert await tables(empty_database) == {"elsewhere"}
    await execute(empty_database, "DROP INDEX journal_by_time")
    store = Store(empty_database)
    assert await store.migrate() != []
    await store.close()


async def test_two_processes_may_start_at_once(empty_database: str):
    """One of them makes the tables, the other waits and finds them."""
    program = "import asyncio, sys; from app.store.engine import Store"
    program += "; print(len(asyncio.run(Store(sys.argv[1]).migrate())))"
    starts = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            program,
            empty_database,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        for _ in range(3)
    ]
    outcomes = [await start.communicate() for start in starts]
    assert [start.returncode for start in starts] == [0, 0, 0], outcomes
    revisions = len(list(ScriptDirectory.from_config(alembic_config()).walk_revisions()))
    assert sorted(int(out) for out, _ in outcomes) == [0, 0, revisions]
    assert await tables(empty_database) == TABLES
