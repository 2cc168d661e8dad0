"""Pages of the past: what a coverage showed as of an event of its journal.

Theory of operation. An entry keeps its seq, that of its publication. So the entries as of an event
are those with a seq up to its own, and each is in the state of its last event until then, one
look-up in the index `journal_by_entry`. A filter looks at facets as of then: those of the present,
of entries whose facets have not changed since, and earlier facets that still stood. Both are read
in order of seq by an index of the filter, so that a page costs what the page of the present does.

Retracted words are in no state of the journal. All is read in one transaction and nothing is kept.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlalchemy import exists
from sqlalchemy import select as select_columns
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.formats.public_json import decode_entry
from app.store.entries import Condition, find_seq, selection_conditions
from app.store.facets_table import EarlierFacetsRow
from app.store.journal import row_event
from app.store.journal_table import JournalRow
from app.store.statements import read_observations
from app.store.tables import EntryRow, EntryTagRow
from app.store.time_bounds import bound_seqs
from app.timeline.coverage import MOST_KEY_EVENTS, Coverage, KeyEvent
from app.timeline.cursor import Cursor
from app.timeline.entry import Entry
from app.timeline.errors import UnknownEntry
from app.timeline.figure_table import LONGEST_LINE, FigureTable
from app.timeline.selection import Selection, Slice, arrange


@dataclass(frozen=True, slots=True)
class _Source:
    """A table with facets: its columns, and the conditions for what stood and is selected."""

    seq: Any
    entry_id: Any
    conditions: list[Condition]


async def find_coverage_as_of(session: AsyncSession, slug: str, cursor: Cursor) -> Coverage | None:
    """A coverage's own fields as of an event; None if it was not public.

    What follows from its entries, which no page of the past shows, is left out: their number, the
    pinned one and the summary. The key events are those of `read_key_events_as_of`.
    """
    row = JournalRow
    own = (row.coverage == slug, row.seq <= cursor.seq, col(row.entry_id).is_(None))
    query = select(row.seq, row.type, row.at, row.state).where(*own)
    found = (await session.exec(query.order_by(col(row.seq).desc()).limit(1))).first()
    if found is None:
        return None
    details = row_event(found, slug, cursor.epoch).details
    assert details is not None
    last = select(row.at).where(row.coverage == slug, row.seq == cursor.seq)
    return replace(
        details,
        cursor=cursor,
        updated_at=(await session.exec(last)).one(),
        entry_count=0,
        pinned=None,
        summary=None,
        key_events=(),
    )


async def read_key_events_as_of(session: AsyncSession, slug: str, seq: int) -> tuple[KeyEvent, ...]:
    """The newest key events as of an event, in order of publication."""
    page = await read_page_as_of(session, slug, seq, Selection(MOST_KEY_EVENTS, key_events=True))
    key_events = [
        KeyEvent(entry.id, entry.title, entry.published_at, entry.seq or 0)
        for entry in page.entries
        if entry.published_at is not None
    ]
    return tuple(sorted(key_events, key=lambda each: each.order))


async def read_figures_as_of(session: AsyncSession, slug: str, seq: int) -> FigureTable:
    """The figures of the entries that stood as of an event."""
    observations = await read_observations(session, slug, seq=seq, last=LONGEST_LINE)
    return FigureTable.arrange(observations)


async def read_page_as_of(
    session: AsyncSession, slug: str, seq: int, selection: Selection
) -> Slice:
    """A page of a coverage's entries as of an event, equal to `select_entries` of the fold.

    Args:
        session: the session to read in.
        slug: of an existing coverage.
        seq: that of the event; 0 before there was any.
        selection: which entries.

    Raises:
        UnknownEntry: `before` or `after` names no entry that was public then.
    """
    lower, upper = [
        None if name is None else await find_seq_as_of(session, slug, seq, name)
        for name in (selection.after, selection.before)
    ]
    sources = _sources(slug, seq, selection)
    present = sources[0]
    present.conditions.extend(await bound_seqs(session, slug, selection, present.seq, seq))
    found: list[tuple[int, str]] = []
    for source in sources:
        within = list(source.conditions)
        within += [] if lower is None else [source.seq > lower]
        within += [] if upper is None else [source.seq < upper]
        order = source.seq.asc() if selection.is_ascending else source.seq.desc()
        query = select_columns(source.seq, source.entry_id).where(*within).order_by(order)
        rows = await session.exec(query.limit(selection.limit + 1))  # type: ignore[call-overload]
        found += (tuple(row) for row in rows)
    found.sort(reverse=not selection.is_ascending)
    page = found[: selection.limit]
    has_previous = False
    for source in sources if page else ():
        beyond = source.seq < page[0][0] if selection.is_ascending else source.seq > page[0][0]
        query = select(exists().where(*source.conditions, beyond))
        has_previous = has_previous or bool((await session.exec(query)).one())
    entries = await read_states_as_of(session, slug, seq, [entry_id for _, entry_id in page])
    has_next = len(found) > selection.limit
    return arrange(selection, entries, has_next=has_next, has_previous=has_previous)


def _sources(slug: str, seq: int, selection: Selection) -> list[_Source]:
    """The sources of a selection, first that of the facets that still stand, of any seq."""
    entry, earlier = EntryRow, EarlierFacetsRow
    conditions = selection_conditions(slug, selection)
    position = col(entry.seq if selection.tag is None else EntryTagRow.seq)
    present = _Source(position, col(entry.id), conditions)
    if not selection.is_filtered:
        return [present]
    changed_since = exists().where(
        col(earlier.coverage) == slug,
        col(earlier.entry_id) == col(entry.id),
        col(earlier.until) > seq,
    )
    present.conditions.append(~changed_since)
    stood: list[Condition] = [
        col(earlier.coverage) == slug,
        col(earlier.tag) == (selection.tag or ""),
        col(earlier.position) == 0 if selection.tag is None else col(earlier.position) > 0,
        col(earlier.seq) <= seq,
        col(earlier.since) <= seq,
        col(earlier.until) > seq,
    ]
    if selection.key_events:
        stood.append(col(earlier.key_event).is_(True))
    if selection.places:
        stood.append(col(earlier.has_place).is_(True))
    if selection.since is not None:
        stood.append(col(earlier.published_at) >= selection.since)
    if selection.until is not None:
        stood.append(col(earlier.published_at) < selection.until)
    if selection.lang is not None:
        stood.append(col(earlier.language) == selection.lang.lower())
    return [present, _Source(col(earlier.seq), col(earlier.entry_id), stood)]


async def find_seq_as_of(session: AsyncSession, slug: str, seq: int, entry_id: str) -> int:
    """The seq of an entry.

    Raises:
        UnknownEntry: there is no such public entry, or it was not public as of the event.
    """
    found = await find_seq(session, slug, entry_id)
    if found > seq:
        raise UnknownEntry("There was no such entry here at that time.")
    return found


async def read_states_as_of(
    session: AsyncSession, slug: str, seq: int, ids: Collection[str]
) -> list[Entry]:
    """Entries that were public as of an event, in their states as of then, in any order."""
    entry, row = EntryRow, JournalRow
    own = (col(row.coverage) == slug, col(row.entry_id) == col(entry.id), col(row.seq) <= seq)
    last = select(row.state).where(*own).order_by(col(row.seq).desc()).limit(1)
    query = select_columns(last.correlate(entry).scalar_subquery()).where(
        col(entry.coverage) == slug, col(entry.id).in_(ids)
    )
    rows = await session.exec(query)  # type: ignore[call-overload]
    return [decode_entry(orjson.loads(state), slug) for (state,) in rows]
