"""Presence: who has a coverage's desk open and was seen recently.

A presence is one open tab; the API calls it a visit. Each new one notifies all others at the desk,
so they are limited: per caller, per coverage, and in total. Over a limit, the least recently seen
presence is deleted; no new one is refused.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, insert, or_, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.tables import Timestamp

SEEN = timedelta(seconds=30)  # how long a presence counts after it was last seen


class PresenceRow(SQLModel, table=True):
    """An open desk, and the entry that is being edited there."""

    __tablename__ = "visit"

    coverage: str = Field(primary_key=True, foreign_key="coverage.slug", max_length=100)
    visit: str = Field(primary_key=True, max_length=64)
    caller: str
    name: str
    entry_id: str | None = Field(max_length=100)
    seen_at: datetime = Field(sa_type=Timestamp)


@dataclass(frozen=True, slots=True)
class PresenceLimits:
    """The most presences at a time.

    Args:
        caller: of one caller, in all coverages together.
        coverage: at the desk of one coverage.
        most: at all desks together.
    """

    caller: int = 20
    coverage: int = 200
    most: int = 2000


async def find_presence(session: AsyncSession, coverage: str, visit: str) -> PresenceRow | None:
    """A presence, even one that is over; None if there is none of that id."""
    return await session.get(PresenceRow, (coverage, visit))


async def save_presence(
    session: AsyncSession, row: PresenceRow, limits: PresenceLimits | None = None
) -> None:
    """Insert or update a presence; an insert over a limit deletes old ones.

    Args:
        session: the transaction.
        row: the presence.
        limits: the most presences; None for the defaults.
    """
    values = row.model_dump()
    where = (col(PresenceRow.coverage) == row.coverage, col(PresenceRow.visit) == row.visit)
    change = update(PresenceRow).where(*where).values(values)
    if (await session.exec(change)).rowcount:
        return
    try:
        async with session.begin_nested():
            await session.exec(insert(PresenceRow).values(values))
    except IntegrityError:  # another request of the same tab was faster
        await session.exec(change)
        return
    limits = limits or PresenceLimits()
    await _trim(session, row, limits.caller, col(PresenceRow.caller) == row.caller)
    await _trim(session, row, limits.coverage, col(PresenceRow.coverage) == row.coverage)
    await _trim(session, row, limits.most)


async def _trim(
    session: AsyncSession, new: PresenceRow, most: int, *which: ColumnElement[bool]
) -> None:
    """Delete the least recently seen presences over a limit, but never the new one."""
    row = PresenceRow
    surplus = (await session.exec(select(func.count()).select_from(row).where(*which))).one() - most
    if surplus <= 0:
        return
    others = or_(col(row.coverage) != new.coverage, col(row.visit) != new.visit)
    name = (col(row.coverage), col(row.visit))
    oldest = select(row.coverage, row.visit).where(*which, others)
    oldest = oldest.order_by(col(row.seen_at), *name).limit(surplus)
    gone = [tuple(each) for each in await session.exec(oldest)]
    await session.exec(delete(row).where(tuple_(*name).in_(gone)))


async def remove_presence(session: AsyncSession, coverage: str, visit: str) -> None:
    """Delete a presence."""
    where = (col(PresenceRow.coverage) == coverage, col(PresenceRow.visit) == visit)
    await session.exec(delete(PresenceRow).where(*where))


async def list_presences(session: AsyncSession, coverage: str, now: datetime) -> list[PresenceRow]:
    """The current presences at a desk, by name."""
    seen = (col(PresenceRow.coverage) == coverage, col(PresenceRow.seen_at) > now - SEEN)
    query = select(PresenceRow).where(*seen).order_by(col(PresenceRow.name), col(PresenceRow.visit))
    return list(await session.exec(query))


async def delete_expired_presences(session: AsyncSession, now: datetime) -> None:
    """Delete the presences that are over."""
    await session.exec(delete(PresenceRow).where(col(PresenceRow.seen_at) <= now - SEEN))
