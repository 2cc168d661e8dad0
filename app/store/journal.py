"""The journal: the source of truth, from which all other state is computed.

An event's seq is the coverage's head plus one, taken while the coverage's row is locked until the
commit: so the order of commits is the order of seqs, without gaps, in both databases.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import orjson
from sqlalchemy import bindparam, exists, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.formats.log.merkle import Frontier
from app.formats.public_json import (
    Json,
    decode_coverage,
    decode_entry,
    dump_entry,
    dump_json,
    encode_coverage,
)
from app.store.coverages import find_coverage, save_coverage
from app.store.entries import save_entry
from app.store.facets import end_facets
from app.store.journal_table import IS_FAULT, JournalRow
from app.store.key_events import complete_key_events
from app.store.log import LogWriter, read_frontier
from app.store.media import record_lead
from app.store.prepared import PreparedStatement, insert_of, matches, table_of, update_of
from app.store.statements import save_statements
from app.store.tables import EntryRow
from app.timeline.change import Change
from app.timeline.coverage import MOST_KEY_EVENTS, Coverage
from app.timeline.cursor import Cursor
from app.timeline.entry import Entry, assessment_note
from app.timeline.event import COVERAGE_EVENTS, REVISING_EVENTS, Event
from app.timeline.net_change import find_marks

_APPEND = insert_of(JournalRow)
_between = col(JournalRow.seq).between(bindparam("of_first"), bindparam("of_last"))
_REDACT_ENTRY = PreparedStatement(
    update(table_of(JournalRow))
    .where(*matches(JournalRow, "coverage", "entry_id"), _between)
    .values({name: bindparam(name) for name in ("state", "salt", "marks")})
)
_FIND_DETAILS = PreparedStatement(
    select(JournalRow.seq, JournalRow.state).where(
        *matches(JournalRow, "coverage"), _between, col(JournalRow.entry_id).is_(None)
    )
)
_SAVE_STATE = update_of(JournalRow, ("coverage", "seq"), ("state",))
_STEP = 50  # events that are redacted in one turn of the event loop
_REPEATED = ("entry.corrected", "entry.assessed")
_EVENTS_PER_ENTRY = 10


@dataclass(frozen=True, slots=True)
class Recorded:
    """A change after it was stored.

    `records` are the JSON records of its entries, by id; `others` are the changes that it brought
    about in other editions.
    """

    change: Change
    records: Mapping[str, bytes]
    others: tuple[Change, ...] = ()


async def lock_coverage(session: AsyncSession, slug: str) -> Coverage:
    """The coverage, with its row locked until the transaction ends.

    The seq of its next event is its head plus one.

    Raises:
        UnknownCoverage: there is none of that slug.
    """
    return await find_coverage(session, slug, lock=True)


async def record_change(
    session: AsyncSession,
    change: Change,
    encode: Callable[[Entry], bytes] = dump_entry,
    *,
    is_new: bool = False,
) -> Recorded:
    """Store all parts of a change; the caller holds the coverage's lock.

    A retraction removes the entry's words from every earlier event in the same transaction, and the
    salts of their commitments, which are otherwise left as they are.

    Args:
        session: the transaction.
        change: the change to store.
        encode: encodes an entry's record. It is called once for each entry: the entry's row, the
            journal and the response to the writer contain the same bytes.
        is_new: whether its entries have just been created.
    """
    records = {entry.id: encode(entry) for entry in change.entries}
    for event in change.events:
        await end_facets(session, event)
    for entry in change.entries:
        await save_entry(session, entry, records[entry.id], is_new=is_new)
    change = replace(change, coverage=await complete_key_events(session, change.coverage))
    frontier = await _append_events(session, change, records) if change.events else None
    await save_coverage(session, change.coverage, frontier)
    if not change.entries:
        coverage = change.coverage
        was_public = coverage.cursor.seq > 1  # the first event is the one that makes it public
        lead = coverage.lead_image
        await record_lead(session, coverage.slug, lead, was_public=was_public)
    return Recorded(change, records)


async def _append_events(
    session: AsyncSession, change: Change, records: Mapping[str, bytes]
) -> Frontier:
    log = LogWriter(await read_frontier(session, change.coverage.slug))
    for event in change.events:
        # If another event of the same entry follows, this one carries an earlier state.
        is_last = any(event.entry is entry for entry in change.entries)
        record = records[event.entry.id] if event.entry is not None and is_last else None
        await append_event(session, log, event, record)
        if event.entry is not None:
            await save_statements(session, event.entry, event.seq)
        if event.type == "entry.retracted" and event.entry is not None:
            await _redact_journal(session, event.cursor, event.entry, records[event.entry.id])
    return log.frontier


async def append_event(
    session: AsyncSession, log: LogWriter, event: Event, record: bytes | None = None
) -> None:
    """Store one event at its seq, and append it to the log.

    Args:
        session: the transaction.
        log: the coverage's log, up to the event before.
        event: the event.
        record: its entry's record; None to encode it here.
    """
    await _APPEND.execute(session, log.append(event_values(event, record)))


def event_values(event: Event, record: bytes | None = None) -> dict[str, object]:
    """Return an event as a row of the journal, without what it commits to."""
    return {
        "coverage": event.coverage,
        "seq": event.seq,
        "type": event.type,
        "at": event.at,
        "entry_id": event.entry.id if event.entry else None,
        "state": _state(event) if record is None else record.decode(),
        "marks": int(find_marks(event.entry)) if event.entry else 0,
    }


def _state(event: Event) -> str:
    if event.entry is not None:
        return dump_entry(event.entry).decode()
    assert event.details is not None
    return dump_json(encode_coverage(event.details)).decode()


def _event(row: JournalRow, epoch: str) -> Event:
    return row_event((row.seq, row.type, row.at, row.state), row.coverage, epoch)


async def _redact_journal(
    session: AsyncSession, head: Cursor, tombstone: Entry, record: bytes
) -> None:
    slug = tombstone.coverage
    earlier = {"of_coverage": slug, "of_first": tombstone.seq, "of_last": head.seq - 1}
    own = {"of_entry_id": tombstone.id, "state": record.decode(), "salt": None, "marks": 0}
    await _REDACT_ENTRY.execute(session, earlier | own)
    for number, (seq, state) in enumerate(await _FIND_DETAILS.execute(session, earlier), 1):
        if not number % _STEP:
            await asyncio.sleep(0)
        details = _without(orjson.loads(state), tombstone.id)
        values = {"of_coverage": slug, "of_seq": seq, "state": dump_json(details).decode()}
        await _SAVE_STATE.execute(session, values)


def _without(details: Json, entry_id: str) -> Json:
    """Return the record of a coverage without an entry, as `redact` does.

    It changes only members that follow from other events (`formats/log/leaf.py`): the event's
    commitment was made from the others.
    """
    key_events = [each for each in details["key_events"] if each["entry_id"] != entry_id]
    return details | {
        "entry_count": details["entry_count"] - 1,
        "pinned": None if details["pinned"] == entry_id else details["pinned"],
        # Older journals have longer lists, of which no more are read.
        "key_events": key_events[-MOST_KEY_EVENTS:],
    }


async def redact_reasons(session: AsyncSession, translation: Entry) -> None:
    """Remove the notes on a retracted original from all events of its translation."""
    row = JournalRow
    own = (col(row.coverage) == translation.coverage, col(row.entry_id) == translation.id)
    for journal_row in await session.exec(select(row).where(*own)):
        record = orjson.loads(journal_row.state)
        if (record.get("translation_of") or {}).get("outdated"):
            record["translation_of"]["outdated"]["note"] = None
            where = (col(row.coverage) == journal_row.coverage, col(row.seq) == journal_row.seq)
            await session.exec(update(row).where(*where).values(state=dump_json(record).decode()))


async def read_since(session: AsyncSession, slug: str, after: Cursor, limit: int) -> list[Event]:
    """The events after a cursor, in order of seq; empty at the head.

    Args:
        session: the session to read in.
        slug: the coverage's slug.
        after: a cursor with that journal's epoch.
        limit: the most events to return.
    """
    query = select(JournalRow).where(JournalRow.coverage == slug, JournalRow.seq > after.seq)
    rows = await session.exec(query.order_by(col(JournalRow.seq)).limit(limit))
    return [_event(row, after.epoch) for row in rows]


async def find_last(session: AsyncSession, slug: str, as_of: datetime) -> int:
    """The seq of the last event up to and including a time; 0 if there is none."""
    query = select(JournalRow.seq).where(JournalRow.coverage == slug, JournalRow.at <= as_of)
    newest_first = (col(JournalRow.at).desc(), col(JournalRow.seq).desc())
    return (await session.exec(query.order_by(*newest_first).limit(1))).first() or 0


async def has_redaction(session: AsyncSession, slug: str, after: int) -> bool:
    """Whether an event after a seq may have removed words from earlier ones."""
    retraction = exists().where(
        col(JournalRow.coverage) == slug,
        col(JournalRow.seq) > after,
        IS_FAULT,
        col(JournalRow.type).in_(("entry.retracted", "entry.outdated")),
    )
    return bool((await session.exec(select(retraction))).one())


Row = tuple[int, str, datetime, str]  # seq, type, time and record


async def read_rows(session: AsyncSession, slug: str, after: int, limit: int) -> list[Row]:
    """The events after a seq, in order of seq, as rows to decode with `row_event`."""
    row = JournalRow
    query = select(row.seq, row.type, row.at, row.state).where(
        row.coverage == slug, col(row.seq).between(after + 1, after + limit)
    )
    rows = await session.exec(query.order_by(col(row.seq)))
    return [(seq, kind, at, state) for seq, kind, at, state in rows]


def row_event(row: Row, slug: str, epoch: str) -> Event:
    """Decode a row, which takes some 50 µs: callers decode many of them in time slices."""
    seq, kind, at, state = row
    cursor, record = Cursor(epoch, seq), orjson.loads(state)
    if kind in COVERAGE_EVENTS:
        details = decode_coverage(record, cursor)
        return Event(cursor, kind, slug, at, details=details)  # type: ignore[arg-type]
    return Event(cursor, kind, slug, at, entry=decode_entry(record, slug))  # type: ignore[arg-type]


async def read_revisions(session: AsyncSession, entry: Entry) -> list[Entry]:
    """An entry's public revisions, oldest first; empty for a retracted entry."""
    if entry.status == "retracted":
        return []
    query = select(JournalRow.state).where(
        JournalRow.coverage == entry.coverage,
        JournalRow.entry_id == entry.id,
        col(JournalRow.type).in_(REVISING_EVENTS),
    )
    states = await session.exec(query.order_by(col(JournalRow.seq)))
    return [decode_entry(orjson.loads(state), entry.coverage) for state in states]


@dataclass(frozen=True, slots=True)
class Revision:
    """A public revision of an entry, with the public note that was given for it."""

    type: str
    entry: Entry
    note: str | None


async def find_last_revision(
    session: AsyncSession, entry: Entry, types: Collection[str]
) -> Revision | None:
    """The last revision of an entry that an event of these types made; None without one."""
    row = JournalRow
    own = (row.coverage == entry.coverage, row.entry_id == entry.id)
    newest_first = select(row.type, row.state, row.seq).order_by(col(row.seq).desc()).limit(1)
    last = (await session.exec(newest_first.where(*own, col(row.type).in_(types)))).first()
    if last is None:
        return None
    kind, state, seq = last
    revised = decode_entry(orjson.loads(state), entry.coverage)
    if kind == "entry.corrected" and revised.correction is not None:
        return Revision(kind, revised, revised.correction.note)
    _, state, _ = (await session.exec(newest_first.where(*own, row.seq < seq))).one()
    return Revision(kind, revised, assessment_note(decode_entry(orjson.loads(state), ""), revised))


async def list_corrected(session: AsyncSession, slug: str, limit: int) -> list[Entry]:
    """The corrected and assessed entries in their current state, the most recent change first.

    Args:
        session: the session to read in.
        slug: the coverage's slug.
        limit: the most such entries to consider; those retracted since are left out. They are
            looked for among the last ten times as many of these events.
    """
    row = JournalRow
    events = (
        select(row.entry_id, row.seq)
        .where(row.coverage == slug, IS_FAULT, col(row.type).in_(_REPEATED))
        .order_by(col(row.seq).desc())
        .limit(limit * _EVENTS_PER_ENTRY)
        .subquery()
    )
    last = func.max(events.c.seq)
    corrected = (
        select(events.c.entry_id, last.label("last"))
        .group_by(events.c.entry_id)
        .order_by(last.desc())
        .limit(limit)
        .subquery()
    )
    query = (
        select(EntryRow.state)
        .join(corrected, col(EntryRow.id) == corrected.c.entry_id)
        .where(EntryRow.coverage == slug, EntryRow.status == "published")
        .order_by(corrected.c.last.desc())
    )
    return [decode_entry(orjson.loads(state), slug) for state in await session.exec(query)]
