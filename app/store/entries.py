"""The entry table: entries in their current state, public or not."""

import hashlib
from collections.abc import Collection, Iterator
from datetime import datetime

import orjson
from sqlalchemy import and_, delete, exists, literal_column, or_
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.formats.public_json import decode_entry, dump_entry
from app.store.inserts import TableRows
from app.store.media import delete_shown, record_shown, shown_rows
from app.store.pairs import is_pair
from app.store.prepared import PreparedStatement, delete_of, insert_of, matches, upsert_of
from app.store.search import save_words, search_rows
from app.store.search_table import SearchRow
from app.store.tables import (
    HAS_PLACE,
    IS_DRAFT,
    IS_KEY_EVENT,
    IS_RETRACTED,
    IS_SCHEDULED,
    AuditRow,
    CoverageRow,
    EntryMediaRow,
    EntryRow,
    EntryTagRow,
)
from app.store.time_bounds import bound_seqs
from app.timeline.entry import ENTRY_ID, Entry
from app.timeline.errors import UnknownEntry
from app.timeline.selection import Selection, Slice, arrange

Condition = ColumnElement[bool]

_FIND_STATE = PreparedStatement(select(EntryRow.state).where(*matches(EntryRow, "coverage", "id")))
_SAVE_ENTRY = upsert_of(EntryRow, "coverage", "id")
_translations = (
    select(EntryRow.coverage, EntryRow.state)
    .where(*matches(EntryRow, "original_coverage"), literal_column("status <> 'retracted'"))
    .order_by(EntryRow.coverage, EntryRow.id)
)
_ALL_TRANSLATIONS = PreparedStatement(_translations)
_TRANSLATIONS = PreparedStatement(_translations.where(*matches(EntryRow, "original_id")))
_ADD_TAG = insert_of(EntryTagRow)
_DELETE_TAGS = delete_of(EntryTagRow, "coverage", "entry_id")


async def find_entry(session: AsyncSession, coverage: str, entry_id: str) -> Entry:
    """An entry in any state.

    Raises:
        UnknownEntry: there is none of that id in the coverage.
    """
    found = None
    # Text that cannot be an id is not queried: PostgreSQL refuses a NUL, for example.
    if ENTRY_ID.fullmatch(entry_id):
        found = await _FIND_STATE.find(session, {"of_coverage": coverage, "of_id": entry_id})
    if found is None:
        raise UnknownEntry("There is no such entry here.")
    return decode_entry(orjson.loads(found[0]), coverage)


async def find_entries(session: AsyncSession, keys: Collection[tuple[str, str]]) -> list[Entry]:
    """The entries with these coverages and ids, in any state; unknown ones are left out."""
    row = EntryRow
    if not keys:
        return []
    query = select(row.coverage, row.state)
    rows = await session.exec(query.where(is_pair(col(row.coverage), col(row.id), keys)))
    return [decode_entry(orjson.loads(state), coverage) for coverage, state in rows]


async def find_public_entry(session: AsyncSession, coverage: str, entry_id: str) -> Entry:
    """A public entry; a tombstone is one too.

    Raises:
        UnknownEntry: there is none of that id, or it is not public.
    """
    entry = await find_entry(session, coverage, entry_id)
    if not entry.is_public:
        raise UnknownEntry("There is no such entry here.")
    return entry


async def read_page(session: AsyncSession, coverage: str, selection: Selection) -> Slice:
    """A page of a coverage's public entries, equal to that of `select_entries`.

    Raises:
        UnknownEntry: `before` or `after` names no public entry.
    """
    # The tag's own index is in order of seq, so that a page of a rare tag reads only its entries.
    seq = col(EntryRow.seq if selection.tag is None else EntryTagRow.seq)
    matching = selection_conditions(coverage, selection)
    matching += await bound_seqs(session, coverage, selection, seq)
    within = list(matching)
    if selection.after is not None:
        within.append(seq > await find_seq(session, coverage, selection.after))
    if selection.before is not None:
        within.append(seq < await find_seq(session, coverage, selection.before))
    order = seq.asc() if selection.is_ascending else seq.desc()
    query = select(EntryRow.state).where(*within).order_by(order).limit(selection.limit + 1)
    states = (await session.exec(query)).all()
    entries = [decode_entry(orjson.loads(s), coverage) for s in states[: selection.limit]]
    has_next = len(states) > selection.limit
    has_previous = False
    if entries:
        first = entries[0].seq
        before = seq < first if selection.is_ascending else seq > first
        has_previous = bool((await session.exec(select(exists().where(*matching, before)))).one())
    return arrange(selection, entries, has_next=has_next, has_previous=has_previous)


def copy_id(coverage: str, entry_id: str) -> str:
    """The id of the copies of an entry, by which they are found when it is retracted."""
    return hashlib.blake2b(f"{coverage}/{entry_id}".encode(), digest_size=8).hexdigest()


async def list_copies(session: AsyncSession, coverage: str, entry_id: str) -> list[Entry]:
    """The published copies of an entry in other coverages, and the copies of all its copies."""
    found: list[Entry] = []
    queue = [(coverage, entry_id)]
    while queue:
        # By way of the coverages, since the key of an entry begins with its coverage.
        copies = select(EntryRow.coverage, EntryRow.state).join(
            CoverageRow, col(CoverageRow.slug) == col(EntryRow.coverage)
        )
        rows = await session.exec(copies.where(EntryRow.id == copy_id(*queue.pop())))
        entries = [decode_entry(orjson.loads(state), slug) for slug, state in rows]
        found += (each for each in entries if each.status == "published")
        queue += ((each.coverage, each.id) for each in entries)
    return found


async def list_translations(
    session: AsyncSession, coverage: str, entry_id: str | None = None
) -> list[Entry]:
    """The translations of an entry that are not retracted, public or not.

    Without an entry's id, those of all entries of the coverage.
    """
    values = {"of_original_coverage": coverage, "of_original_id": entry_id}
    statement = _ALL_TRANSLATIONS if entry_id is None else _TRANSLATIONS
    rows = await statement.execute(session, values)
    return [decode_entry(orjson.loads(state), slug) for slug, state in rows]


async def list_outdated(session: AsyncSession, coverage: str) -> list[Entry]:
    """The published translations of a coverage that are outdated, the newest first."""
    query = select(EntryRow.state).where(
        EntryRow.coverage == coverage,
        col(EntryRow.original_id).is_not(None),
        EntryRow.status == "published",
    )
    states = await session.exec(query.order_by(col(EntryRow.seq).desc()))
    entries = [decode_entry(orjson.loads(state), coverage) for state in states]
    return [each for each in entries if each.translation_of and each.translation_of.outdated]


async def list_tombstones(session: AsyncSession, coverage: str, limit: int) -> list[Entry]:
    """A coverage's tombstones, the most recently retracted first.

    Args:
        session: the session to read in.
        coverage: the coverage's slug.
        limit: the most tombstones to return.
    """
    query = (
        select(EntryRow.state)
        .where(col(EntryRow.coverage) == coverage, IS_RETRACTED)
        .order_by(col(EntryRow.updated_at).desc(), col(EntryRow.id).desc())
    )
    states = await session.exec(query.limit(limit))
    return [decode_entry(orjson.loads(state), coverage) for state in states]


def selection_conditions(coverage: str, selection: Selection) -> list[Condition]:
    """The conditions for a coverage's public entries that pass the filters of a selection."""
    row = EntryRow
    conditions = [col(row.coverage) == coverage, col(row.seq).is_not(None)]
    if selection.key_events:
        conditions.append(IS_KEY_EVENT)
    if selection.places:
        conditions.append(HAS_PLACE)
    if selection.tag is not None:
        conditions.append(
            and_(
                col(EntryTagRow.coverage) == coverage,
                col(EntryTagRow.tag) == selection.tag,
                col(EntryTagRow.entry_id) == col(row.id),
            )
        )
    if selection.since is not None:
        conditions.append(col(row.published_at) >= selection.since)
    if selection.until is not None:
        conditions.append(col(row.published_at) < selection.until)
    if selection.lang is not None:
        conditions.append(col(row.language) == selection.lang.lower())
    return conditions


async def find_seq(session: AsyncSession, coverage: str, entry_id: str) -> int:
    """The seq of a public entry.

    Raises:
        UnknownEntry: there is none of that id, or it is not public.
    """
    entry = await find_public_entry(session, coverage, entry_id)
    assert entry.seq is not None
    return entry.seq


async def list_drafts(
    session: AsyncSession, coverage: str, author: str | None = None
) -> list[Entry]:
    """Drafts and scheduled entries, the most recently saved first.

    Args:
        session: the session to read in.
        coverage: the coverage's slug.
        author: only those of this author; None for those of all authors.
    """
    query = select(EntryRow.state).where(col(EntryRow.coverage) == coverage, IS_DRAFT)
    if author is not None:
        query = query.where(EntryRow.author == author)
    query = query.order_by(col(EntryRow.updated_at).desc(), col(EntryRow.id).desc())
    return [decode_entry(orjson.loads(state), coverage) for state in await session.exec(query)]


async def read_latest(session: AsyncSession, coverages: Collection[str]) -> dict[str, datetime]:
    """The time of each coverage's last publication; coverages without one are left out."""
    row = aliased(EntryRow)
    last = (
        select(row.published_at)
        .where(col(row.coverage) == col(CoverageRow.slug), col(row.seq).is_not(None))
        .order_by(col(row.seq).desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(CoverageRow.slug, last).where(col(CoverageRow.slug).in_(coverages))
    return {slug: at for slug, at in await session.exec(query) if at is not None}


async def list_due(session: AsyncSession, until: datetime) -> list[tuple[str, str, datetime]]:
    """Scheduled entries whose embargo ends by then, as (coverage, id, embargo), earliest first.

    Those of a planned, closed or withdrawn coverage wait until it is open. At most 100 are
    returned.
    """
    query = (
        select(EntryRow.coverage, EntryRow.id, EntryRow.embargo_until)
        .join(CoverageRow, col(CoverageRow.slug) == col(EntryRow.coverage))
        .where(
            IS_SCHEDULED,
            col(EntryRow.embargo_until) <= until,
            col(CoverageRow.status).in_(("live", "paused")),
            col(CoverageRow.withdrawn).is_(None),
        )
    )
    rows = await session.exec(query.order_by(col(EntryRow.embargo_until)).limit(100))
    return [(slug, id_, embargo) for slug, id_, embargo in rows if embargo is not None]


async def list_scheduled_by(
    session: AsyncSession, callers: Collection[str]
) -> list[tuple[str, str]]:
    """Scheduled entries that one of these callers wrote or acted on, as (coverage, id)."""
    row, action = EntryRow, AuditRow
    acted_on = exists().where(
        col(action.coverage) == col(row.coverage),
        col(action.thing) == col(row.id),
        col(action.caller).in_(callers),
    )
    query = select(row.coverage, row.id).where(
        IS_SCHEDULED, or_(col(row.author).in_(callers), acted_on)
    )
    return list(await session.exec(query.order_by(row.coverage, row.id)))


async def save_entry(
    session: AsyncSession, entry: Entry, record: bytes | None = None, *, is_new: bool = False
) -> None:
    """Insert or update an entry; the caller holds its coverage's lock.

    Args:
        session: the transaction.
        entry: the new state.
        record: the result of `dump_entry` for it; None to encode it here.
        is_new: whether it has just been created, so that nothing is recorded of it yet.
    """
    await _SAVE_ENTRY.execute(session, _values(entry, record))
    if not is_new:
        of_entry = {"of_coverage": entry.coverage, "of_entry_id": entry.id}
        await _DELETE_TAGS.execute(session, of_entry)
    for values in _tag_values(entry):
        await _ADD_TAG.execute(session, values)
    await record_shown(session, entry, is_new=is_new)
    await save_words(session, entry)


def entry_tables(entries: Collection[Entry]) -> Iterator[TableRows]:
    """The rows of the entries of a whole new coverage."""
    yield EntryRow, map(_values, entries)
    yield EntryTagRow, (tag for entry in entries for tag in _tag_values(entry))
    yield EntryMediaRow, shown_rows(entries)
    yield SearchRow, search_rows(entries)


def _tag_values(entry: Entry) -> list[dict[str, object]]:
    tags = dict.fromkeys(entry.tags) if entry.status == "published" else {}
    of_entry: dict[str, object] = {
        "coverage": entry.coverage,
        "entry_id": entry.id,
        "seq": entry.seq,
    }
    return [of_entry | {"tag": tag} for tag in tags]


async def remove_entry(session: AsyncSession, entry: Entry) -> None:
    """Delete a draft."""
    await delete_shown(session, entry)
    await session.exec(
        delete(EntryRow).where(
            col(EntryRow.coverage) == entry.coverage, col(EntryRow.id) == entry.id
        )
    )


def _values(entry: Entry, record: bytes | None = None) -> dict[str, object]:
    return {
        "coverage": entry.coverage,
        "id": entry.id,
        "status": entry.status,
        "seq": entry.seq,
        "key_event": entry.key_event,
        "has_place": entry.place is not None,
        "language": entry.language.lower(),
        "author": entry.author,
        "published_at": entry.published_at,
        "embargo_until": entry.embargo_until,
        "updated_at": entry.updated_at,
        "original_coverage": entry.translation_of and entry.translation_of.coverage,
        "original_id": entry.translation_of and entry.translation_of.entry_id,
        "state": (record or dump_entry(entry)).decode(),
    }
