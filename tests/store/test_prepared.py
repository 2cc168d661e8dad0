"""Prepared statements: the driver executes them, and nobody can tell."""

import pytest
from sqlalchemy import Engine, event, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import col
from sqlmodel import select as select_rows

from app.store.engine import Store
from app.store.prepared import (
    PreparedStatement,
    delete_of,
    insert_of,
    matches,
    table_of,
    update_of,
    upsert_of,
)
from app.store.search_table import SearchRow
from app.store.tables import AuditRow, CoverageRow, EntryTagRow, KeyRow
from tests.strategies import START

KEY = {
    "id": "0a1b2c3d",
    "name": "Wire's tool \N{WARNING SIGN}",
    "role": "chief",
    "coverage": None,
    "digest": b"\x00\xff",
    "made_by": None,
    "created_at": START,
    "revoked_at": None,
}
QUERY = PreparedStatement(select(*table_of(KeyRow).c).where(*matches(KeyRow, "id")))


async def test_values_pass_through_the_types_of_their_columns(store: Store):
    """What a prepared statement writes is what a statement of the ORM reads, and the reverse."""
    async with store.writing() as session:
        await insert_of(KeyRow).execute(session, KEY)
        row = (await session.exec(select_rows(KeyRow))).one()
        assert row.model_dump() == KEY
        await session.exec(insert(CoverageRow).values(COVERAGE))
        query = select(*table_of(CoverageRow).c).where(*matches(CoverageRow, "slug"))
        found = await PreparedStatement(query).find(session, {"of_slug": "front"})
    names = [column.name for column in table_of(CoverageRow).c]
    assert dict(zip(names, found or (), strict=True)) == COVERAGE


COVERAGE = {
    "slug": "front",
    "epoch": "e",
    "head_seq": 7,
    "status": "live",
    "listing": "live",
    "part": 3,
    "created_at": START,
    "updated_at": START,
    "edition_of": None,
    "language": "en",
    "state": "{}",
    "frontier": b"\x01",
    "withdrawn": None,
    "is_archived": True,
    "key_events": "[]",
    "is_in_order": True,
}


async def test_a_transaction_has_prepared_and_other_statements(store: Store):
    """Both see each other's rows, and a rollback undoes both."""
    with pytest.raises(ZeroDivisionError):
        await _write_and_fail(store)
    async with store.reading() as session:
        assert (await session.exec(select_rows(KeyRow))).all() == []
        assert await QUERY.execute(session, {"of_id": KEY["id"]}) == []


async def _write_and_fail(store: Store) -> None:
    async with store.writing() as session:
        await insert_of(KeyRow).execute(session, KEY)
        rename = update_of(KeyRow, ("id",), ("name",))
        await rename.execute(session, {"of_id": KEY["id"], "name": "Other"})
        assert (await session.exec(select_rows(KeyRow.name))).all() == ["Other"]
        await session.exec(insert(KeyRow).values(KEY | {"id": "second"}))
        assert await QUERY.find(session, {"of_id": "second"}) is not None
        await delete_of(KeyRow, "id").execute(session, {"of_id": "second"})
        assert len((await session.exec(select_rows(KeyRow))).all()) == 1
        raise ZeroDivisionError


async def test_an_upsert_inserts_then_updates_the_same_row(store: Store):
    """The row that has the unique keys keeps its serial number."""
    save = upsert_of(SearchRow, "coverage", "entry_id")
    values = {"coverage": "front", "entry_id": "e1", "headline": "one", "words": "one two"}
    async with store.writing() as session:
        await session.exec(insert(CoverageRow).values(COVERAGE))
        await save.execute(session, values)
        await save.execute(session, values | {"entry_id": "e2"})
        (first,) = await session.exec(_search_row("e1"))
        number = first.id
        await save.execute(session, values | {"words": "three"})
        session.expire_all()
        (again,) = await session.exec(_search_row("e1"))
        assert (again.id, again.entry_id) == (number, "e1")
        assert "three" in again.words
        assert len((await session.exec(select_rows(SearchRow.id))).all()) == 2


def _search_row(entry_id: str):
    return select_rows(SearchRow).where(col(SearchRow.entry_id) == entry_id)


async def test_a_row_of_keys_alone_has_no_other_columns(store: Store):
    """A table without a serial number is given every column."""
    tag = {"coverage": "front", "tag": "war", "entry_id": "e1", "seq": 3}
    async with store.writing() as session:
        await session.exec(insert(CoverageRow).values(COVERAGE))
        await insert_of(EntryTagRow).execute(session, tag)
        assert (await session.exec(select_rows(EntryTagRow))).one().model_dump() == tag


async def test_a_refusal_is_an_error_of_sqlalchemy_without_the_words(store: Store):
    """Whoever handles the errors of other statements handles these; no log gets the parameters."""
    with pytest.raises(IntegrityError) as refusal:
        await _insert_twice(store)
    assert isinstance(refusal.value, DBAPIError)
    assert "Wire" not in str(refusal.value)
    async with store.reading() as session:
        assert await QUERY.find(session, {"of_id": KEY["id"]}) is None


async def _insert_twice(store: Store) -> None:
    async with store.writing() as session:
        await insert_of(KeyRow).execute(session, KEY)
        await insert_of(KeyRow).execute(session, KEY)


async def test_listeners_are_told_of_each_statement(store: Store):
    """Monitors and counters of SQLAlchemy's statements see the prepared ones too."""
    told: list[tuple[str, object]] = []

    def listen(_connection: object, _cursor: object, sql: str, parameters: object, *_: object):
        told.append((sql, parameters))

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        async with store.reading() as session:
            await QUERY.execute(session, {"of_id": "none"})
    finally:
        event.remove(Engine, "before_cursor_execute", listen)
    sql, parameters = told[-1]
    assert "FROM api_key" in sql
    assert "none" in str(parameters)


async def test_a_serial_number_is_the_databases(store: Store):
    """An audit line needs no id."""
    line = {"at": START, "caller": "key:1", "name": "n", "action": "a", "detail": "{}"}
    async with store.writing() as session:
        for _ in range(2):
            await insert_of(AuditRow).execute(session, line | {"coverage": None, "thing": None})
        ids = (await session.exec(select_rows(AuditRow.id).order_by(col(AuditRow.id)))).all()
    first, second = ids
    assert first is not None
    assert second == first + 1
