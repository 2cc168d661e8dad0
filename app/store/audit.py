"""The audit in the record: a row for each deed."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, insert, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.tables import AuditRow


async def add_audit(session: AsyncSession, row: Mapping[str, object]) -> None:
    """Store a deed."""
    await session.exec(insert(AuditRow).values(**row))


async def add_numbered(session: AsyncSession, row: Mapping[str, object]) -> int:
    """Store a deed whose detail will change; gives its id."""
    made = await session.exec(insert(AuditRow).values(**row).returning(col(AuditRow.id)))
    audit_id: int = made.scalar_one()
    return audit_id


async def save_detail(session: AsyncSession, audit_id: int, detail: str) -> None:
    """Store the detail of a deed anew."""
    where = col(AuditRow.id) == audit_id
    await session.exec(update(AuditRow).where(where).values(detail=detail))


async def find_last(
    session: AsyncSession, coverage: str | None, thing: str | None
) -> AuditRow | None:
    """The latest deed that was done to a thing of a coverage."""
    row = AuditRow
    about = (col(row.thing) == thing, col(row.coverage) == coverage)
    query = select(row).where(*about).order_by(col(row.id).desc()).limit(1)
    return (await session.exec(query)).first()


async def list_audit(
    session: AsyncSession,
    limit: int,
    *,
    before: int | None = None,
    coverages: Collection[str] | None = None,
) -> Sequence[AuditRow]:
    """Deeds, newest first.

    Args:
        session: where to read.
        limit: at most so many.
        before: older than the one of this id.
        coverages: only what was done in these; None for everything.
    """
    query = select(AuditRow).order_by(col(AuditRow.id).desc()).limit(limit)
    if before is not None:
        query = query.where(col(AuditRow.id) < before)
    if coverages is not None:
        query = query.where(col(AuditRow.coverage).in_(coverages))
    return (await session.exec(query)).all()


async def remove_audit(session: AsyncSession, audit_id: int | None) -> None:
    """Take a deed away, in whose place another one is stored."""
    await session.exec(delete(AuditRow).where(col(AuditRow.id) == audit_id))


async def forget_audit(session: AsyncSession, until: datetime) -> None:
    """Drop the deeds of that time and before."""
    await session.exec(delete(AuditRow).where(col(AuditRow.at) <= until))
