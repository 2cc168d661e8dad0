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


async def bound_by_time(
    session: AsyncSession, coverage: str, selection: Selection, seq: Any
) -> list[ColumnElement[bool]]:
    """Conditions on the seq that the selected times of publication imply.

    Args:
        session: the session to read in.
        coverage: the coverage's slug.
        selection: which entries.
        seq: the column with the seq of an entry's publication.
    """
    if selection.since is None and selection.until is None:
        return []
    is_in_order = await _IS_IN_ORDER.find(session, {"of_slug": coverage})
    if is_in_order is None or not is_in_order[0]:
        return []
    bounds: list[ColumnElement[bool]] = []
    if selection.since is not None:
        bounds.append(seq >= await _find_first(session, coverage, selection.since))
    if selection.until is not None:
        bounds.append(seq < await _find_first(session, coverage, selection.until))
    return bounds


async def _find_first(session: AsyncSession, coverage: str, at: datetime) -> int:
    found = await _FIND_FIRST.find(session, {"of_coverage": coverage, "of_at": at})
    return _BEYOND if found is None or found[0] is None else int(found[0])
