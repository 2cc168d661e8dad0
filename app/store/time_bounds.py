"""Bounds of `since` and `until` in the order of seqs, in which entries are read.

The times of a journal never decrease, and an entry is published at the time of its event. So an
index of the events by time finds the first seq that fits, where the condition on the time alone
would step through all entries before it. An imported journal may have entries of other times
(`CoverageRow.is_in_order`); they are read without bounds.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, literal_column
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.journal_table import JournalRow
from app.store.prepared import PreparedStatement, matches
from app.store.tables import CoverageRow
from app.timeline.selection import Selection

_IS_IN_ORDER = PreparedStatement(
    select(CoverageRow.is_in_order).where(*matches(CoverageRow, "slug"))
)
_at, _of_coverage = col(JournalRow.at), matches(JournalRow, "coverage")
_earliest = select(func.min(_at)).where(*_of_coverage, _at >= bindparam("of_at"))
# The sum keeps both databases from looking for the time in the order of seqs.
_FIND_FIRST = PreparedStatement(
    select(func.min(col(JournalRow.seq) + literal_column("0"))).where(
        *_of_coverage, _at == _earliest.scalar_subquery()
    )
)
_BEYOND = 2**62  # above every seq


async def bound_seqs(
    session: AsyncSession, coverage: str, selection: Selection, seq: Any, last: int | None = None
) -> list[ColumnElement[bool]]:
    """Conditions on the seq: those that the selected times of publication imply, and the last one.

    Of two upper limits SQLite searches by one only, so there is one.

    Args:
        session: the session to read in.
        coverage: the coverage's slug.
        selection: which entries.
        seq: the column with the seq of an entry's publication.
        last: the seq of the last event that counts; None if all do.
    """
    first, end = None, None if last is None else last + 1
    if await _is_in_order(session, coverage, selection):
        if selection.since is not None:
            first = await _find_first(session, coverage, selection.since)
        if selection.until is not None:
            limit = await _find_first(session, coverage, selection.until)
            end = limit if end is None else min(end, limit)
    bounds: list[ColumnElement[bool]] = [] if first is None else [seq >= first]
    return bounds if end is None else [*bounds, seq < end]


async def _is_in_order(session: AsyncSession, coverage: str, selection: Selection) -> bool:
    """Whether the selection has times, and the journal is in their order."""
    if selection.since is None and selection.until is None:
        return False
    found = await _IS_IN_ORDER.find(session, {"of_slug": coverage})
    return found is not None and bool(found[0])


async def _find_first(session: AsyncSession, coverage: str, at: datetime) -> int:
    found = await _FIND_FIRST.find(session, {"of_coverage": coverage, "of_at": at})
    return _BEYOND if found is None or found[0] is None else int(found[0])
