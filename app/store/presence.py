"""Presence: the visits of people who have a coverage's desk open and were seen recently.

Each new visit notifies all others at the desk, so visits are limited: per caller, per coverage, and
in total. Over a limit, the least recently seen visit is deleted; no new visit is refused.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, insert, or_, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.tables import VisitRow

SEEN = timedelta(seconds=30)  # how long a visit counts after it was last seen


@dataclass(frozen=True, slots=True)
class VisitLimits:
    """The most visits at a time.

    Args:
        caller: of one caller, in all coverages together.
        coverage: at the desk of one coverage.
        most: at all desks together.
    """

    caller: int = 20
    coverage: int = 200
    most: int = 2000


async def find_visit(session: AsyncSession, coverage: str, visit: str) -> VisitRow | None:
    """A visit, even one that is over; None if there is none of that id."""
    return await session.get(VisitRow, (coverage, visit))


async def save_visit(
    session: AsyncSession, row: VisitRow, limits: VisitLimits | None = None
) -> None:
    """Insert or update a visit; an insert over a limit deletes old visits.

    Args:
        session: the transaction.
        row: the visit.
        limits: the most visits; None for the defaults.
    """
    values = row.model_dump()
    where = (col(VisitRow.coverage) == row.coverage, col(VisitRow.visit) == row.visit)
    change = update(VisitRow).where(*where).values(values)
    if (await session.exec(change)).rowcount:
        return
    try:
        async with session.begin_nested():
            await session.exec(insert(VisitRow).values(values))
    except IntegrityError:  # another request of the same tab was faster
        await session.exec(change)
        return
    limits = limits or VisitLimits()
    await _trim(session, row, limits.caller, col(VisitRow.caller) == row.caller)
    await _trim(session, row, limits.coverage, col(VisitRow.coverage) == row.coverage)
    await _trim(session, row, limits.most)


async def _trim(
    session: AsyncSession, new: VisitRow, most: int, *which: ColumnElement[bool]
) -> None:
    """Delete the least recently seen visits over a limit, but never the new one."""
    row = VisitRow
    surplus = (await session.exec(select(func.count()).select_from(row).where(*which))).one() - most
    if surplus <= 0:
        return
    others = or_(col(row.coverage) != new.coverage, col(row.visit) != new.visit)
    name = (col(row.coverage), col(row.visit))
    oldest = select(row.coverage, row.visit).where(*which, others)
    oldest = oldest.order_by(col(row.seen_at), *name).limit(surplus)
    gone = [tuple(each) for each in await session.exec(oldest)]
    await session.exec(delete(row).where(tuple_(*name).in_(gone)))


async def remove_visit(session: AsyncSession, coverage: str, visit: str) -> None:
    """Delete a visit."""
    where = (col(VisitRow.coverage) == coverage, col(VisitRow.visit) == visit)
    await session.exec(delete(VisitRow).where(*where))


async def list_visits(session: AsyncSession, coverage: str, now: datetime) -> list[VisitRow]:
    """The current visits at a desk, by name."""
    seen = (col(VisitRow.coverage) == coverage, col(VisitRow.seen_at) > now - SEEN)
    query = select(VisitRow).where(*seen).order_by(col(VisitRow.name), col(VisitRow.visit))
    return list(await session.exec(query))


async def forget_visits(session: AsyncSession, now: datetime) -> None:
    """Delete the visits that are over."""
    await session.exec(delete(VisitRow).where(col(VisitRow.seen_at) <= now - SEEN))
