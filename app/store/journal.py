"""The journal: the truth that everything else is computed from.

An event's seq is the coverage's head plus one, taken while the coverage's row is locked until the
commit: so the order of commits is the order of seqs, without holes, in both databases.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

import orjson
from sqlalchemy import insert, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.framing.history import coverage_of, coverage_record, dump_json, entry_of, entry_record
from app.store.coverages import add_coverage, save_coverage
from app.store.entries import add_entries, save_entry
from app.store.media import add_media, note_lead
from app.store.tables import JournalRow, insert_rows
from app.timeline.change import Change
from app.timeline.coverage import Coverage
from app.timeline.cursor import Cursor
from app.timeline.entry import Entry
from app.timeline.event import COVERAGE_EVENTS, REVISING_EVENTS, Event, redact


async def record_change(session: AsyncSession, change: Change) -> None:
    """Store a change whole; the caller holds the coverage's lock.

    A retraction takes the entry's words out of every earlier event in the same transaction.
    """
    for entry in change.entries:
        await save_entry(session, entry)
    for event in change.events:
        await append_event(session, event)
        if event.type == "entry.retracted" and event.entry is not None:
            await _redact_journal(session, event.cursor, event.entry)
    await save_coverage(session, change.coverage)
    if not change.entries:
        await note_lead(session, change.coverage.slug, change.coverage.lead_image)


async def append_event(session: AsyncSession, event: Event) -> None:
    """Store one event at the seq that it carries."""
    await session.exec(insert(JournalRow).values(event_values(event)))


def event_values(event: Event) -> dict[str, object]:
    """An event as a row of the journal."""
    return {
        "coverage": event.coverage,
        "seq": event.seq,
        "type": event.type,
        "at": event.at,
        "entry_id": event.entry.id if event.entry else None,
        "state": _state(event),
    }


def _state(event: Event) -> str:
    if event.entry is not None:
        return dump_json(entry_record(event.entry)).decode()
    assert event.details is not None
    return dump_json(coverage_record(event.details)).decode()


def _event(row: JournalRow, epoch: str) -> Event:
    cursor = Cursor(epoch, row.seq)
    record = orjson.loads(row.state)
    if row.type in COVERAGE_EVENTS:
        details = coverage_of(record, cursor)
        return Event(cursor, row.type, row.coverage, row.at, details=details)  # type: ignore[arg-type]
    entry = entry_of(record, row.coverage)
    return Event(cursor, row.type, row.coverage, row.at, entry=entry)  # type: ignore[arg-type]


async def _redact_journal(session: AsyncSession, head: Cursor, stone: Entry) -> None:
    row = JournalRow
    query = select(row).where(
        row.coverage == stone.coverage,
        col(row.seq).between(stone.seq, head.seq - 1),
        (col(row.entry_id) == stone.id) | col(row.entry_id).is_(None),
    )
    for found in await session.exec(query):
        event = redact(_event(found, head.epoch), stone)
        where = (col(row.coverage) == event.coverage, col(row.seq) == event.seq)
        await session.exec(update(row).where(*where).values(state=_state(event)))


async def read_since(session: AsyncSession, slug: str, after: Cursor, limit: int) -> list[Event]:
    """The events behind a cursor, in order of seq; empty at the head.

    Args:
        session: where to read.
        slug: whose journal.
        after: a cursor of that journal's epoch.
        limit: at most so many.
    """
    query = select(JournalRow).where(JournalRow.coverage == slug, JournalRow.seq > after.seq)
    rows = await session.exec(query.order_by(col(JournalRow.seq)).limit(limit))
    return [_event(row, after.epoch) for row in rows]


async def read_until(session: AsyncSession, slug: str, epoch: str, moment: datetime) -> list[Event]:
    """All events up to and including a moment, in order of seq."""
    query = select(JournalRow).where(JournalRow.coverage == slug, JournalRow.at <= moment)
    rows = await session.exec(query.order_by(col(JournalRow.seq)))
    return [_event(row, epoch) for row in rows]


async def read_revisions(session: AsyncSession, entry: Entry) -> list[Entry]:
    """An entry's public revisions, oldest first; of a retracted entry none."""
    if entry.status == "retracted":
        return []
    query = select(JournalRow.state).where(
        JournalRow.coverage == entry.coverage,
        JournalRow.entry_id == entry.id,
        col(JournalRow.type).in_(REVISING_EVENTS),
    )
    states = await session.exec(query.order_by(col(JournalRow.seq)))
    return [entry_of(orjson.loads(state), entry.coverage) for state in states]


async def record_journal(
    session: AsyncSession, coverage: Coverage, entries: Collection[Entry], events: Sequence[Event]
) -> None:
    """Store a whole journal and what it adds up to, the coverage being new."""
    await add_coverage(session, coverage)
    await add_entries(session, entries)
    await insert_rows(session, JournalRow, [event_values(event) for event in events])
    await note_lead(session, coverage.slug, coverage.lead_image)
    leads = [coverage.lead_image] if coverage.lead_image else []
    await add_media(
        session, [*leads, *(media for entry in entries for media in entry.media)], coverage.slug
    )
