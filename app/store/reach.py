"""Reach: how many open streams of each process a retraction has reached."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, delete, func, update
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.inserts import insert_new
from app.store.journal_table import JournalRow
from app.store.tables import Timestamp


class ReachRow(SQLModel, table=True):
    """The streams of a process after a retraction, the event `seq`, and those it has reached."""

    __tablename__ = "reach"

    coverage: str = Field(primary_key=True, foreign_key="coverage.slug", max_length=100)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    process: str = Field(primary_key=True, max_length=32)
    reached: int
    open: int
    at: datetime = Field(sa_type=Timestamp, index=True)


@dataclass(frozen=True, slots=True)
class ReachSum:
    """The streams of all processes, those that were reached, and the time of the last count."""

    reached: int
    open: int
    at: datetime | None


async def save_reach(session: AsyncSession, row: ReachRow) -> None:
    """Insert or update what a process counted."""
    values = row.model_dump()
    if not await insert_new(session, ReachRow, values):
        key = (
            col(ReachRow.coverage) == row.coverage,
            col(ReachRow.seq) == row.seq,
            col(ReachRow.process) == row.process,
        )
        await session.exec(update(ReachRow).where(*key).values(values))


async def read_reach(session: AsyncSession, coverage: str, entry_id: str) -> ReachSum:
    """The reach of an entry's retraction, summed over the processes."""
    retraction = (
        select(func.max(JournalRow.seq))
        .where(
            JournalRow.coverage == coverage,
            JournalRow.entry_id == entry_id,
            JournalRow.type == "entry.retracted",
        )
        .scalar_subquery()
    )
    row = ReachRow
    sums = select(func.sum(row.reached), func.sum(row.open), func.max(row.at))
    query = sums.where(row.coverage == coverage, row.seq == retraction)
    reached, streams, at = (await session.exec(query)).one()
    return ReachSum(int(reached or 0), int(streams or 0), at)


async def delete_expired_reach(session: AsyncSession, until: datetime) -> None:
    """Delete the counts that are older than a time."""
    await session.exec(delete(ReachRow).where(col(ReachRow.at) < until))
