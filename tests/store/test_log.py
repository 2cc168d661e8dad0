"""The log of a coverage on SQLite and PostgreSQL: its tree, its salts, and retractions."""

import asyncio
import random
import sqlite3
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from hashlib import sha256
from multiprocessing import get_context

import orjson
import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import col, select

from app.formats.log.leaf import DERIVED, Leaf, commit
from app.formats.log.merkle import Frontier
from app.store.engine import Store
from app.store.journal_table import JournalRow
from app.store.log import read_frontier, read_leaves, read_records
from tests.formats.log.test_merkle import defined_root
from tests.record import EVERYTHING, Record, publish_one, retract_one, store_whole, stored_text
from tests.store.writer import publish_several, write_for_ever
from tests.strategies import Action, actions, series

shared_store = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=settings.default.max_examples // 4,  # each example writes a coverage of its own
)


@dataclass(frozen=True)
class Log:
    """A log as it is stored."""

    frontier: Frontier
    leaves: list[Leaf]
    records: list[tuple[int, bytes | None, str]]

    def check(self) -> None:
        """Check that the tree is that of the leaves, and every open leaf that of its record."""
        assert self.frontier.size == len(self.leaves) == len(self.records)
        assert self.frontier.root == defined_root([leaf.encode() for leaf in self.leaves])
        assert [leaf.seq for leaf in self.leaves] == list(range(1, len(self.leaves) + 1))
        retracted = {e.entry: e.seq for e in self.leaves if e.type == "entry.retracted"}
        for leaf, (seq, salt, state) in zip(self.leaves, self.records, strict=True):
            assert seq == leaf.seq
            if salt is None:
                assert retracted[leaf.entry] > leaf.seq
                continue
            record = orjson.loads(state)
            if leaf.entry is None:
                record = {name: value for name, value in record.items() if name not in DERIVED}
            assert leaf.commitment == sha256(salt + rfc8785.dumps(record)).digest()

    def salts(self, entry: str) -> list[bytes]:
        """Return the salts of an entry's events."""
        return [
            salt
            for leaf, (_, salt, _) in zip(self.leaves, self.records, strict=True)
            if leaf.entry == entry and salt is not None
        ]


async def read_log(store: Store, slug: str) -> Log:
    """Read a log in one snapshot."""
    async with store.reading() as session:
        return Log(
            await read_frontier(session, slug),
            await read_leaves(session, slug, 0, EVERYTHING),
            await read_records(session, slug, 0, EVERYTHING),
        )


@shared_store
@given(series(actions(), 20))
async def test_the_tree_is_that_of_the_events(store: Store, history: list[Action]):
    """After any history the frontier has the root that RFC 6962 defines for the journal's leaves.

    Every leaf is opened by its record and salt, or closed by a later retraction.
    """
    record = await (await Record(store).open()).act_all(history)
    log = await read_log(store, record.slug)
    log.check()
    told = [(e.seq, e.type, e.at, e.entry and e.entry.id) for e in record.desk.sent]
    assert [(leaf.seq, leaf.type, leaf.at, leaf.entry) for leaf in log.leaves] == told


@shared_store
@given(series(actions(), 12), st.data())
async def test_a_retraction_changes_nothing_in_the_tree(
    store: Store, history: list[Action], data: st.DataObject
):
    """A retraction leaves every earlier leaf as it is, and all salts but those of its entry."""
    record = await Record(store).open()
    await record.publish("One", key_event=True)
    await record.act_all(history)
    standing = [e for e in record.desk.entries.values() if e.status == "published"]
    if not standing:
        return
    entry = data.draw(st.sampled_from(standing))
    before = await read_log(store, record.slug)
    await record.retract(entry)
    after = await read_log(store, record.slug)
    after.check()
    assert after.leaves[: len(before.leaves)] == before.leaves
    for leaf, (_, salt, _), (_, now, _) in zip(
        before.leaves, before.records, after.records[: len(before.records)], strict=True
    ):
        assert now == (None if leaf.entry == entry.id else salt)


@shared_store
@given(series(actions("publish", "amend", "correct", "pin", "change"), 10))
async def test_no_salt_of_a_retracted_entry_is_left(store: Store, history: list[Action]):
    """No salt of a retracted entry's earlier events is in any table."""
    record = await Record(store).open()
    entry = await record.publish("Calumny")
    await record.act_all([Action("amend", fields={"headline": "Calumny again"}), *history])
    salts = (await read_log(store, record.slug)).salts(entry.id)
    assert len(salts) >= 2
    stored = await stored_text(store)
    assert all(repr(salt) in stored for salt in salts)
    await record.retract(record.desk.entries[entry.id])
    rest = await stored_text(store)
    assert not any(repr(salt) in rest for salt in salts)


async def test_no_salt_of_a_retracted_entry_is_left_in_the_file(tmp_path):
    """Neither the salts nor the words of a retracted entry are in the bytes of SQLite's file."""
    file = tmp_path / "dateline.db"
    store = Store(f"sqlite:///{file}")
    await store.migrate()
    record = await Record(store).open()
    entry = await record.publish("Calumny" * 1000)
    for number in range(20):
        await record.publish(f"Other {number}")
    await record.act_all([Action("amend", fields={"headline": "Calumny again"})])
    salts = (await read_log(store, record.slug)).salts(entry.id)
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert all(salt in file.read_bytes() for salt in salts)
    await record.retract(record.desk.entries[entry.id])
    await store.close()
    content = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert b"Calumny" not in content
    assert not any(salt in content for salt in salts)


async def test_what_a_later_version_knows_stays_committed_to(store: Store):
    """A retraction keeps members of a coverage's record that this program does not know."""
    record = await Record(store).open()
    entry = await record.publish("Wrong", key_event=True)
    await record.act_all([Action("change", head={"title": "Renamed"})])
    async with store.writing() as session:
        where = (JournalRow.coverage == record.slug, col(JournalRow.entry_id).is_(None))
        for row in await session.exec(select(JournalRow).where(*where)):
            later = orjson.loads(row.state) | {"later": [1, {"b": None, "a": 2.5}]}
            row.state = orjson.dumps(later).decode()
            row.commitment = commit(row.salt or b"", row.type, later)
            session.add(row)
    await record.retract(entry)
    log = await read_log(store, record.slug)
    for leaf, (_, salt, state) in zip(log.leaves, log.records, strict=True):
        if leaf.entry is None:
            assert commit(salt or b"", leaf.type, orjson.loads(state)) == leaf.commitment


async def test_an_imported_journal_has_a_log_of_its_own(store: Store):
    """A journal that is recorded as a whole is committed to, with new salts."""
    record = Record(store)
    history = [Action("publish", fields={"headline": f"{n}"}, late=1) for n in range(120)]
    desk = record.desk.act_all(history)
    copy = replace(desk.coverage, slug=f"{record.slug}-copy")
    events = [
        replace(
            event,
            coverage=copy.slug,
            details=event.details and replace(event.details, slug=copy.slug),
            entry=event.entry and replace(event.entry, coverage=copy.slug),
        )
        for event in desk.journal
    ]
    async with store.writing() as session:
        await store_whole(session, desk.coverage, [], desk.journal)
        await store_whole(session, copy, [], events)
    logs = [await read_log(store, slug) for slug in (record.slug, copy.slug)]
    for log in logs:
        log.check()
    salts = [salt for log in logs for _, salt, _ in log.records]
    assert len(set(salts)) == 2 * len(desk.journal)
    assert await publish_one(store, copy.slug, "next") == len(desk.journal) + 1
    (await read_log(store, copy.slug)).check()


async def test_three_processes_write_one_log(store: Store, record_url: str):
    """Writers in three processes append to one tree."""
    record = await Record(store).open()
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(3, get_context("forkserver")) as pool:
        names = ("a", "b", "c")
        await asyncio.gather(
            *(
                loop.run_in_executor(pool, publish_several, record_url, record.slug, name, 12)
                for name in names
            )
        )
    log = await read_log(store, record.slug)
    log.check()
    assert log.frontier.size == 37


async def test_a_writer_that_is_killed_leaves_a_whole_log(store: Store, record_url: str):
    """A writer that is killed at any point leaves the tree of the events that stand."""
    record = await Record(store).open()
    context = get_context("forkserver")
    sizes = [1]
    for turn in range(4):
        process = context.Process(
            target=write_for_ever, args=(record_url, record.slug, f"w{turn}"), daemon=True
        )
        process.start()
        while (log := await read_log(store, record.slug)).frontier.size < sizes[-1] + 3:
            assert process.is_alive()
            await asyncio.sleep(0.01)
        await asyncio.sleep(random.uniform(0, 0.05))
        process.kill()
        await asyncio.to_thread(process.join)
        log = await read_log(store, record.slug)
        log.check()
        sizes.append(log.frontier.size)
    assert await publish_one(store, record.slug, "after") == sizes[-1] + 1
    await retract_one(store, record.slug, "after")
    (await read_log(store, record.slug)).check()


async def test_a_foreign_change_of_the_journal_stops_the_log(store: Store):
    """A journal whose frontier is not that of its head takes no further event."""
    record = await Record(store).open()
    await record.publish("One")
    async with store.writing() as session:
        connection = await session.connection()
        query = text("UPDATE coverage SET head_seq = 5 WHERE slug = :slug")
        await connection.execute(query, {"slug": record.slug})
    with pytest.raises(ValueError, match="no frontier"):
        await publish_one(store, record.slug, "next")
