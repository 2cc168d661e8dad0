"""The audit table: a row for each action."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, insert, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.prepared import insert_of
from app.store.tables import AuditRow

_ADD = insert_of(AuditRow)


async def add_audit(session: AsyncSession, row: Mapping[str, object]) -> None:
    """Store an action."""
    await _ADD.execute(session, row)


async def add_numbered(session: AsyncSession, row: Mapping[str, object]) -> int:
    """Store an action whose detail will change; returns its id."""
    result = await session.exec(insert(AuditRow).values(**row).returning(col(AuditRow.id)))
    audit_id: int = result.scalar_one()
    return audit_id


async def save_detail(session: AsyncSession, audit_id: int, detail: str) -> None:
    """Replace the detail of an action."""
    where = col(AuditRow.id) == audit_id
    await session.exec(update(AuditRow).where(where).values(detail=detail))


async def find_last(
    session: AsyncSession, coverage: str | None, thing: str | None
) -> AuditRow | None:
    """The latest action on a thing of a coverage."""
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
    caller: str | None = None,
    action: str | None = None,
    times: tuple[datetime, datetime] | None = None,
) -> Sequence[AuditRow]:
    """Actions, newest first.

    Args:
        session: the session to read in.
        limit: the most actions to return.
        before: only actions older than the one with this id; None for no bound.
        coverages: only actions in these coverages; None for all.
        caller: only actions of this caller; None for all.
        action: only actions of this name; None for all.
        times: only actions from the first of these times on and before the second; None for all.
    """
    query = select(AuditRow).order_by(col(AuditRow.id).desc()).limit(limit)
    if before is not None:
        query = query.where(col(AuditRow.id) < before)
    if coverages is not None:
        query = query.where(col(AuditRow.coverage).in_(coverages))
    if caller is not None:
        query = query.where(col(AuditRow.caller) == caller)
    if action is not None:
        query = query.where(col(AuditRow.action) == action)
    if times is not None:
        first, last = times
        query = query.where(col(AuditRow.at) >= first, col(AuditRow.at) < last)
    return (await session.exec(query)).all()


async def remove_audit(session: AsyncSession, audit_id: int | None) -> None:
    """Remove an action that another one replaces."""
    await session.exec(delete(AuditRow).where(col(AuditRow.id) == audit_id))


async def delete_expired_audit(session: AsyncSession, until: datetime) -> None:
    """Delete the actions up to and including a time."""
    await session.exec(delete(AuditRow).where(col(AuditRow.at) <= until))
