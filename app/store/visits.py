"""Who has the desk of a coverage open, as far as they were seen lately."""

from datetime import datetime, timedelta

from sqlalchemy import delete, insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.people import VisitRow

SEEN = timedelta(seconds=30)  # for so long somebody counts as here


async def find_visit(session: AsyncSession, coverage: str, visit: str) -> VisitRow | None:
    """A visit, be it long past; None if there was none of that id."""
    return await session.get(VisitRow, (coverage, visit))


async def save_visit(session: AsyncSession, row: VisitRow) -> None:
    """Store a visit, new or not."""
    values = row.model_dump()
    where = (col(VisitRow.coverage) == row.coverage, col(VisitRow.visit) == row.visit)
    change = update(VisitRow).where(*where).values(values)
    if (await session.exec(change)).rowcount:
        return
    try:
        async with session.begin_nested():
            await session.exec(insert(VisitRow).values(values))
    except IntegrityError:  # the same tab was quicker by another line
        await session.exec(change)


async def remove_visit(session: AsyncSession, coverage: str, visit: str) -> None:
    """Forget a visit."""
    where = (col(VisitRow.coverage) == coverage, col(VisitRow.visit) == visit)
    await session.exec(delete(VisitRow).where(*where))


async def list_visits(session: AsyncSession, coverage: str, now: datetime) -> list[VisitRow]:
    """Who is here, by name."""
    seen = (col(VisitRow.coverage) == coverage, col(VisitRow.seen_at) > now - SEEN)
    query = select(VisitRow).where(*seen).order_by(col(VisitRow.name), col(VisitRow.visit))
    return list(await session.exec(query))


async def forget_visits(session: AsyncSession, now: datetime) -> None:
    """Drop the visits that are over."""
    await session.exec(delete(VisitRow).where(col(VisitRow.seen_at) <= now - SEEN))
