"""The register of corrections: corrections, retractions, assessments and outdated translations.

Two partial indexes of the journal have nothing but these events. Of an entry that is retracted by
now only the retraction is listed: the notes on its earlier errors are among its words.
"""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import and_, literal, or_, tuple_
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.formats.public_json import decode_entry
from app.store.coverages import find_coverage
from app.store.journal_table import IS_FAULT, JournalRow
from app.store.listing import IS_PUBLIC
from app.store.pairs import is_pair
from app.store.tables import CoverageRow, EntryRow, Timestamp
from app.timeline.cursor import Cursor
from app.timeline.errors import UnknownCursor
from app.timeline.net_change import DECISIVE, Correction, NetChange

_KINDS = dict(DECISIVE)


async def list_corrections(
    session: AsyncSession,
    limit: int,
    slug: str | None = None,
    before: Cursor | None = None,
    *,
    redacted: bool = False,
) -> list[Correction]:
    """The corrections of one coverage, or of all public ones, newest first.

    Args:
        session: the session to read in.
        limit: the most corrections to return.
        slug: the coverage's slug; None for all.
        before: only those before this event; None for the newest.
        redacted: whether to list the earlier events of retracted entries too, as tombstones.

    Raises:
        UnknownCursor: `before` is no cursor of an event of these coverages.
    """
    row, entry, coverage = JournalRow, EntryRow, CoverageRow
    is_its_entry = and_(
        col(entry.coverage) == col(row.coverage), col(entry.id) == col(row.entry_id)
    )
    # Of one coverage the newsroom may also read what is withdrawn.
    is_shown = IS_PUBLIC if slug is None else col(coverage.status) != "planned"
    query = (
        select_columns(col(row.coverage), col(row.seq), col(row.type), col(row.at))
        .add_columns(col(row.state), col(entry.state))
        .join(coverage, col(coverage.slug) == col(row.coverage))
        .join(entry, is_its_entry)
        .where(IS_FAULT, is_shown)
    )
    if not redacted:
        is_listed = or_(col(row.type) == "entry.retracted", col(entry.status) == "published")
        query = query.where(is_listed)
    if slug is not None:
        query = query.where(col(row.coverage) == slug).order_by(col(row.seq).desc())
        if before is not None:
            query = query.where(col(row.seq) < before.seq)
    else:
        place = (col(row.at), col(row.coverage), col(row.seq))
        query = query.order_by(*(column.desc() for column in place))
        if before is not None:
            at, *rest = await _find_place(session, before)
            query = query.where(tuple_(*place) < tuple_(literal(at, Timestamp), *rest))
    found = (await session.exec(query.limit(limit))).all()  # type: ignore[call-overload]
    return await _decode(session, found)


async def _find_place(session: AsyncSession, cursor: Cursor) -> tuple[Any, ...]:
    """Find an event of any coverage, which the epoch identifies."""
    row = JournalRow
    query = (
        select(row.at, row.coverage, row.seq)
        .join(CoverageRow, col(CoverageRow.slug) == col(row.coverage))
        .where(CoverageRow.epoch == cursor.epoch, row.seq == cursor.seq)
    )
    place = (await session.exec(query)).first()
    if place is None:
        raise UnknownCursor("There is no such event in a journal here.")
    return tuple(place)


async def _decode(session: AsyncSession, found: Sequence[Any]) -> list[Correction]:
    row, past = JournalRow, aliased(JournalRow)
    # Each assessed entry as it was before the event.
    state = select_columns(col(past.state)).order_by(col(past.seq).desc()).limit(1)
    state = state.where(
        col(past.coverage) == col(row.coverage),
        col(past.entry_id) == col(row.entry_id),
        col(past.seq) < col(row.seq),
    )
    key = (col(row.coverage), col(row.seq))
    assessed = [(slug, seq) for slug, seq, kind, *_ in found if kind == "entry.assessed"]
    query = select_columns(*key, state.correlate(row).scalar_subquery())
    rows = await session.exec(query.where(is_pair(*key, assessed))) if assessed else ()  # type: ignore[call-overload]
    earlier = {
        (slug, seq): decode_entry(orjson.loads(before), slug)
        for slug, seq, before in rows
        if before
    }
    slugs = dict.fromkeys(slug for slug, *_ in found)
    coverages = {slug: await find_coverage(session, slug) for slug in slugs}
    corrections = []
    for slug, seq, event_type, at, state_after, current in found:
        after = decode_entry(orjson.loads(state_after), slug)
        kind = "retracted" if after.retraction else _KINDS[event_type]
        change = NetChange(kind, at, seq, earlier.get((slug, seq)), after)
        entry = decode_entry(orjson.loads(current), slug)
        corrections.append(Correction(change, coverages[slug], entry))
    return corrections
