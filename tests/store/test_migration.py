"""Database migrations on SQLite and PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import orjson
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlmodel import col, select

from app.formats.public_json import (
    dump_entry,
    encode_coverage,
    encode_coverage_record,
    encode_entry,
)
from app.formats.rfc3339 import format_time
from app.store.coverages import find_coverage, save_availability, save_coverage
from app.store.engine import Store
from app.store.errors import StoreError
from app.store.journal_table import JournalRow
from app.store.key_events import complete_key_events
from app.store.migration import alembic_config
from app.store.revision import newest_revision
from app.store.tables import CoverageRow, EntryRow, IdempotencyRow
from app.timeline.entry import Entry, EntryFields, Place
from app.timeline.net_change import Mark
from app.timeline.withdrawal import Withdrawal
from tests.newsdesk import Newsdesk
from tests.record import Record, publish_one
from tests.store.test_log import read_log
from tests.store.test_past import facets_rows
from tests.store.writer import make_tables
from tests.strategies import START, Action

TABLES = {*CoverageRow.metadata.tables, "alembic_version"}


async def execute(url: str, *statements: str) -> None:
    """Run statements in a database before the program opens it."""
    store = Store(url)
    store._make_file()
    async with store._writers.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await store.close()


async def tables(url: str) -> set[str]:
    """The names of the existing tables."""
    store = Store(url)
    async with store._readers.connect() as connection:
        names = await connection.run_sync(lambda c: inspect(c).get_table_names())
    await store.close()
    return {name for name in names if not _is_full_text(name)}


def _is_full_text(name: str | None) -> bool:
    """Whether this is the index of words, which each database has in a form of its own."""
    return (name or "").startswith("search_index")


async def refusal(url: str) -> str:
    """Return the message of one line with which a migration is refused."""
    store = Store(url)
    with pytest.raises(StoreError) as caught:
        await store.migrate()
    await store.close()
    assert "\n" not in str(caught.value)
    return str(caught.value)


async def test_the_tables_are_what_the_program_thinks_they_are(empty_database: str):
    """The migrated tables have no difference from the metadata of the models."""
    store = Store(empty_database)
    await store.migrate()

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": True,
                "include_name": lambda name, *_: not _is_full_text(name),
            },
        )
        return list(compare_metadata(context, CoverageRow.metadata))

    async with store._readers.connect() as connection:
        assert await connection.run_sync(differences) == []
    await store.close()


async def test_an_empty_database_gets_every_revision_once(empty_database: str):
    """An empty database gets every revision once; a second migration does nothing."""
    known = [s.revision for s in ScriptDirectory.from_config(alembic_config()).walk_revisions()]
    store = Store(empty_database)
    assert await store.migrate() == known[::-1]
    assert await store.migrate() == []
    await store.close()
    assert await tables(empty_database) == TABLES


async def test_what_is_stored_stays_through_another_start(empty_database: str):
    """A second start with migration keeps the stored data."""
    store = Store(empty_database)
    await store.migrate()
    record = await Record(store).open()
    await record.publish("One")
    await store.close()
    store = record.store = Store(empty_database)
    await store.migrate()
    assert await record.journal() == record.desk.journal
    await store.close()


async def test_what_idempotent_requests_were_answered_stays(empty_database: str):
    """Stored answers of idempotent requests are converted to the new columns."""
    store = Store(empty_database)
    store._make_file()
    async with store._writers.begin() as connection:
        await connection.run_sync(_upgrade_to, "0007")
        for number, (path, status, entry_id, headers) in enumerate(OLD_ANSWERS):
            values = {"path": path, "status": status, "entry": entry_id, "headers": headers}
            await connection.execute(
                text(
                    "INSERT INTO answer (caller, path, key, digest, status, headers, body, at,"
                    " entry_id) VALUES ('key:1', :path, :key, :bytes, :status, :headers, :bytes,"
                    " 1, :entry)"
                ),
                {**values, "key": f"k{number}", "bytes": b"{}"},
            )
    assert await store.migrate() != []
    async with store.reading() as session:
        rows = await session.exec(select(IdempotencyRow).order_by(col(IdempotencyRow.key)))
        migrated = [(r.is_new, r.kind, r.coverage, r.thing, r.version) for r in rows]
    await store.close()
    assert migrated == [
        (True, "draft", "moon", "e1", "1"),
        (False, "entry", "moon", "e1", "2-pinned"),
        (True, "draft", "moon", "e2", "1"),
        (True, "coverage", "moon", "moon", None),
        (False, "coverage", "moon", "moon", None),
        (True, "media", None, "m1", None),
        (False, "key", None, "1", None),
        (False, None, None, None, None),
    ]


async def test_stored_events_are_marked(empty_database: str):
    """Stored events get the marks of their entries, and their records stay as they are."""
    store = Store(empty_database)
    store._make_file()
    async with store._writers.begin() as connection:
        await connection.run_sync(_upgrade_to, "0008")
        await connection.execute(
            text(
                "INSERT INTO coverage (slug, epoch, head_seq, status, created_at, state)"
                " VALUES ('moon', 'e1', 9, 'live', 1, '{}')"
            )
        )
        for seq, state in enumerate(UNMARKED, 1):
            await connection.execute(
                text(
                    "INSERT INTO journal (coverage, seq, type, at, entry_id, state)"
                    " VALUES ('moon', :seq, 'entry.published', 1, 'e1', :state)"
                ),
                {"seq": seq, "state": state},
            )
    await store.migrate()
    row = JournalRow
    async with store.reading() as session:
        rows = (await session.exec(select(row.state, row.marks).order_by(col(row.seq)))).all()
    await store.close()
    assert {state: Mark(marks) for state, marks in rows} == UNMARKED


async def test_entries_with_a_place_are_found_by_it(empty_database: str):
    """Entries stored before are listed by their place, and their records stay as they are."""
    store = Store(empty_database)
    store._make_file()
    states = ['{"place":{"name":"Pier 4","lat":null,"lon":null}}', '{"place":null}', "{}"]
    async with store._writers.begin() as connection:
        await connection.run_sync(_upgrade_to, "0018")
        await connection.execute(
            text(
                "INSERT INTO coverage (slug, epoch, head_seq, status, created_at, state)"
                " VALUES ('moon', 'e1', 9, 'live', 1, '{}')"
            )
        )
        for seq, state in enumerate(states, 1):
            await connection.execute(
                text(
                    "INSERT INTO entry"
                    " (coverage, id, status, seq, key_event, language, updated_at, state)"
                    " VALUES ('moon', :id, 'published', :seq, false, 'en', 1, :state)"
                ),
                {"id": f"e{seq}", "seq": seq, "state": state},
            )
    await store.migrate()
    row = EntryRow
    async with store.reading() as session:
        rows = (await session.exec(select(row.state, row.has_place).order_by(col(row.seq)))).all()
    await store.close()
    assert rows == list(zip(states, (True, False, False), strict=True))


async def test_earlier_facets_follow_from_a_stored_journal(empty_database: str):
    """A journal that was stored before gets the earlier facets that the writes would have left."""
    store = Store(empty_database)
    await store.migrate()
    record = await Record(store).open()
    for name in ("One", "Two", "Three"):
        await record.publish(name, tags=("moon", "eagle"), language="en-GB")
    changes: list[EntryFields] = [
        {"tags": ("eagle",)},
        {"headline": "Another"},
        {"key_event": True, "language": "EN-gb"},
        {"tags": (), "place": Place("Moon")},
    ]
    await record.act_all(Action("amend", which=n % 2, fields=f) for f in changes for n in (0, 1))
    await record.retract(record.desk.entries["n2"])
    written = await facets_rows(store, record.slug)
    assert len({row[1:3] for row in written}) == 3
    async with store._writers.begin() as connection:
        await connection.run_sync(_downgrade_to, "0020")
    await store.migrate()
    assert await facets_rows(store, record.slug) == written
    await store.close()


async def test_stored_coverages_get_their_lists(empty_database: str):
    """Coverages that were stored before are in the lists that the writes would have put them in."""
    store = Store(empty_database)
    await store.migrate()
    records = [await Record(store).open() for _ in range(4)]
    await records[0].publish("One")
    kept = replace(records[1].desk.coverage, status="closed", is_archived=True)
    gone = replace(records[2].desk.coverage, withdrawn=Withdrawal(START, "Ada", None))
    async with store.writing() as session:
        await save_coverage(session, kept)
        for coverage in kept, gone:
            await save_availability(session, coverage)
    row = CoverageRow
    query = select(row.slug, row.listing, row.part, row.updated_at).order_by(col(row.slug))
    async with store.reading() as session:
        written = (await session.exec(query)).all()
    assert {listing for _, listing, _, _ in written} == {"live", "archived", "withdrawn"}
    async with store._writers.begin() as connection:
        await connection.run_sync(_downgrade_to, "0022")
    await store.migrate()
    async with store.reading() as session:
        assert (await session.exec(query)).all() == written
    await store.close()


UNMARKED = {
    '{"key_event":true}': Mark.KEY_EVENT,
    '{"headline":"\\"key_event\\":true","key_event":false}': Mark.NONE,
    '{"claims":[{"status":"confirmed"},{"status":"false"}],"figures":[]}': Mark.CONTESTED,
    '{"claims":[{"status":"reported","history":[{"status":"disputed"}]}]}': Mark.NONE,
    '{"figures":[{"status":"withdrawn"}],"key_event":true}': Mark.CONTESTED | Mark.KEY_EVENT,
    '{"translation_of":{"outdated":null}}': Mark.NONE,
    '{"translation_of":{"outdated":{"because":"corrected"}}}': Mark.OUTDATED,
    '{"translation_of":null}': Mark.NONE,
}
ENTRIES = "/v1/coverages/moon/entries"
OLD_ANSWERS = [
    (ENTRIES, 201, "e1", '{"Location":"/v1/coverages/moon/drafts/e1","ETag":"\\"1\\""}'),
    (f"PUT {ENTRIES}/e1/pin", 200, "e1", '{"ETag":"\\"2-pinned\\""}'),
    (
        f"{ENTRIES}/e1/restoration",
        201,
        "e2",
        '{"Location":"/v1/coverages/moon/drafts/e2","ETag":"\\"1\\""}',
    ),
    ("/v1/imports", 201, None, '{"Location":"/v1/coverages/moon"}'),
    ("PATCH /v1/coverages/moon", 200, None, "{}"),
    ("/v1/media", 201, None, '{"Location":"/v1/media/m1"}'),
    ("DELETE /v1/keys/1", 200, None, "{}"),
    ("/desk/account/name", 200, None, "{}"),
]


async def test_the_newest_key_events_of_an_old_coverage_stay(empty_database: str):
    """Of a longer list in a coverage's record the newest stay, in order, and older ones come in."""
    store = Store(empty_database)
    store._make_file()
    desk = Newsdesk("moon").act_all([])
    entries = [desk.publish(f"Number {number}", key_event=True) for number in range(103)]
    record = encode_coverage_record(desk.coverage)
    listed = [
        {"entry_id": e.id, "title": e.title, "published_at": format_time(START)} for e in entries
    ]
    at = (START - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    async with store._writers.begin() as connection:
        await connection.run_sync(_upgrade_to, "0020")
        await connection.execute(
            text(
                "INSERT INTO coverage (slug, epoch, head_seq, status, created_at, state)"
                " VALUES ('moon', 'e1', 104, 'live', 1, :state)"
            ),
            {"state": orjson.dumps(record | {"key_events": listed}).decode()},
        )
        for entry in entries:
            await connection.execute(
                text(
                    "INSERT INTO entry (coverage, id, status, seq, key_event, language,"
                    " published_at, updated_at, state) VALUES"
                    " ('moon', :id, 'published', :seq, true, 'en', :at, 1, :state)"
                ),
                {"id": entry.id, "seq": entry.seq, "at": at, "state": dump_entry(entry).decode()},
            )
    await store.migrate()
    async with store.reading() as session:
        before = await find_coverage(session, "moon")
        after = await complete_key_events(session, before.without(entries[50].id))
    await store.close()
    titles = [f"Number {number}" for number in range(103)]
    assert [k.title for k in before.key_events] == titles[3:]
    assert [k.title for k in after.key_events] == [*titles[2:50], *titles[51:]]


def _upgrade_to(connection: Connection, revision: str) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _downgrade_to(connection: Connection, revision: str) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    command.downgrade(config, revision)


async def test_a_database_of_a_newer_program_is_left_alone(empty_database: str):
    """A database of a newer program is refused."""
    store = Store(empty_database)
    await store.migrate()
    await store.close()
    await execute(empty_database, "UPDATE alembic_version SET version_num = '9999'")
    message = await refusal(empty_database)
    assert "9999" in message
    assert "newer than this program" in message


@pytest.mark.parametrize("name", sorted(CoverageRow.metadata.tables))
async def test_tables_of_somebody_else_are_refused(empty_database: str, name: str):
    """A database with a table of another program is refused, and no table is added."""
    await execute(empty_database, f"CREATE TABLE {name} (x INTEGER)")
    assert "not Dateline's" in await refusal(empty_database)
    assert await tables(empty_database) <= {name, "alembic_version"}


async def test_a_step_that_fails_leaves_the_database_as_it_was(empty_database: str):
    """A failed migration is rolled back, and can be repeated once its cause is removed."""
    # An index that a late revision makes has the same name.
    await execute(empty_database, "CREATE VIEW journal_by_time AS SELECT 1 AS at")
    assert "journal_by_time" in await refusal(empty_database)
    assert await tables(empty_database) == set()
    await execute(empty_database, "DROP VIEW journal_by_time")
    store = Store(empty_database)
    assert await store.migrate() != []
    await store.close()


async def test_two_processes_may_start_at_once(empty_database: str):
    """Three processes can migrate at the same time, and one of them applies the revisions."""
    with ProcessPoolExecutor(3, get_context("forkserver")) as pool:
        applied = list(pool.map(make_tables, [empty_database] * 3))
    revisions = len(list(ScriptDirectory.from_config(alembic_config()).walk_revisions()))
    assert sorted(applied) == [0, 0, revisions]
    assert await tables(empty_database) == TABLES


async def test_an_old_journal_is_committed_to(empty_database: str):
    """The events of an older database get commitments, and new events are appended to their tree.

    Other tables refer to the coverage and stay as they are.
    """
    store = Store(empty_database)
    store._make_file()
    async with store._writers.begin() as connection:
        await connection.run_sync(_upgrade_to, "0008")
        for statement, values in _old_rows():
            await connection.execute(text(statement), values)
    assert "0010" in await store.migrate()
    log = await read_log(store, "moon")
    log.check()
    assert [(leaf.seq, leaf.type, leaf.entry) for leaf in log.leaves] == OLD_EVENTS
    assert [orjson.loads(state) for _, _, state in log.records] == [*OLD_RECORDS]
    assert await publish_one(store, "moon", "next") == len(OLD_EVENTS) + 1
    (await read_log(store, "moon")).check()
    assert (await read_log(store, "plan")).frontier.size == 0
    await store.close()


OLD_EVENTS = [
    (1, "coverage.opened", None),
    *((seq, "entry.published", f"e{seq}") for seq in range(2, 451)),
    (451, "entry.retracted", "e2"),
]
_OLD_COVERAGE = encode_coverage(Newsdesk("moon").act_all([]).coverage) | {"entry_count": 448}
_OLD_ENTRY = encode_entry(
    Entry("e2", "moon", "published", START, "en", 2, headline="Größe", published_at=START)
)
OLD_RECORDS = [
    _OLD_COVERAGE | {"entry_count": 0},
    *(_OLD_ENTRY | {"id": name, "seq": seq} for seq, _, name in OLD_EVENTS[1:-1]),
    _OLD_ENTRY | {"status": "retracted", "headline": None},
]


def _old_rows() -> Iterator[tuple[str, dict[str, object]]]:
    """Yield statements that store a coverage with a journal, and one without, and their values."""
    at = (START - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    coverage = (
        "INSERT INTO coverage (slug, epoch, head_seq, status, created_at, state)"
        " VALUES (:slug, 'e1', :head, :status, :at, :state)"
    )
    state = orjson.dumps(_OLD_COVERAGE).decode()
    common = {"at": at, "state": state}
    yield coverage, {"slug": "moon", "head": len(OLD_EVENTS), "status": "live", **common}
    yield coverage, {"slug": "plan", "head": 0, "status": "planned", **common}
    tag = "INSERT INTO entry_tag (coverage, tag, entry_id) VALUES ('moon', :tag, 'e3')"
    yield tag, {"tag": "landing"}
    event = (
        "INSERT INTO journal (coverage, seq, type, at, entry_id, state)"
        " VALUES ('moon', :seq, :type, :at, :entry, :state)"
    )
    for (seq, event_type, entry), record in zip(OLD_EVENTS, OLD_RECORDS, strict=True):
        values = {"seq": seq, "type": event_type, "entry": entry}
        yield event, {**values, "at": at, "state": orjson.dumps(record).decode()}


def test_the_newest_revision_is_known_without_alembic() -> None:
    """The names of the migrations' files begin with their revisions, in order."""
    scripts = ScriptDirectory.from_config(alembic_config())
    names = [Path(script.path).name for script in scripts.walk_revisions()]
    assert names == sorted(names, reverse=True)
    assert [name.partition("_")[0] for name in names] == [
        script.revision for script in scripts.walk_revisions()
    ]
    assert newest_revision() == scripts.get_current_head()
