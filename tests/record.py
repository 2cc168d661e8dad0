"""A newsroom in memory whose every change is also stored in a database."""

import io
from collections.abc import Collection, Iterable, Sequence
from itertools import count

from sqlalchemy import text
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.copies import store_copy, write_copy
from app.store.coverages import add_coverage
from app.store.engine import Store
from app.store.entries import find_entry, save_entry
from app.store.journal import lock_coverage, read_since, record_change
from app.store.tables import CoverageRow
from app.timeline import change as rules
from app.timeline.change import Change
from app.timeline.coverage import Coverage
from app.timeline.entry import Body, Entry
from app.timeline.event import Event
from tests.newsdesk import Newsdesk
from tests.strategies import START, Action

EVERYTHING = 10**6
_slugs = (f"coverage-{number}" for number in count(1))


class Record:
    """A coverage in a store, and the newsdesk in memory with which it must agree."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.slug = next(_slugs)
        self.desk = Newsdesk(self.slug)

    async def open(self) -> "Record":
        """Store the planned coverage and open it."""
        async with self.store.writing() as session:
            await add_coverage(session, self.desk.coverage)
            opened = rules.open_coverage(self.desk.coverage, self.desk.now)
            self.desk.record(opened)
            await record_change(session, opened)
        return self

    async def act_all(self, actions: Iterable[Action]) -> "Record":
        """Execute actions, in one transaction for speed."""
        async with self.store.writing() as session:
            for action in actions:
                before = self.desk.coverage
                change = self.desk.act(action)
                if change is not None:
                    assert await lock_coverage(session, self.slug) == before
                    await record_change(session, change)
        return self

    async def publish(self, headline: str, **fields: object) -> Entry:
        """Publish an entry in its own transaction."""
        body = Body(f"<p>{headline} in full</p>", f"{headline} in full")
        entry_fields = {"headline": headline, "body": body, **fields}
        return (await self._one(Action("publish", fields=entry_fields))).entry  # type: ignore[arg-type]

    async def retract(self, entry: Entry) -> Entry:
        """Retract an entry in its own transaction."""
        change = self.desk.retract(entry)
        async with self.store.writing() as session:
            await record_change(session, change)
        return change.entry

    async def journal(self) -> list[Event]:
        """Return the stored journal from the beginning."""
        async with self.store.reading() as session:
            return await read_since(session, self.slug, self.desk.coverage.cursor.at(0), EVERYTHING)

    async def _one(self, action: Action) -> Change:
        change = self.desk.act(action)
        assert change is not None
        async with self.store.writing() as session:
            await record_change(session, change)
        return change


async def publish_one(store: Store, slug: str, name: str) -> int:
    """Publish an entry from the stored coverage alone; returns its seq."""
    async with store.writing() as session:
        coverage = await lock_coverage(session, slug)
        draft = Entry(name, slug, "draft", START, "en", headline=f"Entry {name}", tags=("moon",))
        change = rules.publish(coverage, draft, START)
        await record_change(session, change)
    return change.coverage.cursor.seq


async def retract_one(store: Store, slug: str, name: str) -> None:
    """Retract an entry from what is stored alone."""
    async with store.writing() as session:
        coverage = await lock_coverage(session, slug)
        entry = await find_entry(session, slug, name)
        await record_change(session, rules.retract(coverage, entry, "It was wrong.", START))


async def keep_draft(store: Store, entry: Entry) -> None:
    """Store an entry that is not public."""
    async with store.writing() as session:
        await lock_coverage(session, entry.coverage)
        await save_entry(session, entry)


async def stored_text(store: Store) -> str:
    """Return every value of every row of every table, as text."""
    lines = []
    async with store.reading() as session:
        assert (await session.exec(select(CoverageRow))).all() is not None
        connection = await session.connection()
        for table in CoverageRow.metadata.sorted_tables:
            rows = await connection.execute(text(f"SELECT * FROM {table.name}"))
            lines += [repr(tuple(row)) for row in rows]
    return "\n".join(lines)


async def store_whole(
    session: AsyncSession, coverage: Coverage, entries: Collection[Entry], events: Sequence[Event]
) -> None:
    """Store a new coverage with its whole journal, as an import does."""
    file = io.BytesIO()
    write_copy(file, coverage, entries, events)
    file.seek(0)
    await store_copy(session, file)
