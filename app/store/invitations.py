"""The invitation table: links, by the SHA-256 of their secret."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, CursorResult, delete, insert, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.tables import InvitationRow


async def add_invitation(session: AsyncSession, row: Mapping[str, object]) -> None:
    """Store a new link."""
    await session.exec(insert(InvitationRow).values(**row))


async def find_invitation(session: AsyncSession, digest: bytes) -> InvitationRow | None:
    """A link, open or not; None if there is none of that digest."""
    return await session.get(InvitationRow, digest)


async def list_open_for(
    session: AsyncSession, email: str, now: datetime
) -> Sequence[InvitationRow]:
    """The open links for a new person with this address, newest first; their rows are locked.

    Args:
        session: the transaction.
        email: in lower case.
        now: the current time.
    """
    row = InvitationRow
    query = select(row).where(row.email == email, *_is_open(now), col(row.person).is_(None))
    query = query.order_by(col(row.created_at).desc()).with_for_update()
    return (await session.exec(query)).all()


async def list_invitations(session: AsyncSession) -> Sequence[InvitationRow]:
    """All links that a caller created, oldest first; the set-up link is left out."""
    row = InvitationRow
    query = select(row).where(col(row.invited_by).is_not(None))
    return (await session.exec(query.order_by(col(row.created_at), col(row.id)))).all()


async def list_recovered(session: AsyncSession, maker: str) -> list[tuple[str, datetime]]:
    """The people who regained access by a link of this caller, with the times of use."""
    row = InvitationRow
    query = select(row.person, row.used_at).where(row.invited_by == maker)
    rows = await session.exec(query)
    return [(person, used) for person, used in rows if person is not None and used is not None]


async def use_invitation(session: AsyncSession, digest: bytes, now: datetime) -> bool:
    """Mark a link as used; false if it was used before."""
    row = InvitationRow
    unused = (col(row.digest) == digest, col(row.used_at).is_(None))
    used = await session.exec(update(row).where(*unused).values(used_at=now))
    return bool(cast("CursorResult[object]", used).rowcount)


async def end_invitation(
    session: AsyncSession, invitation_id: str, now: datetime
) -> InvitationRow | None:
    """End a link that a caller created, if it is open; None if there is none of that id."""
    row = InvitationRow
    its = (col(row.id) == invitation_id, col(row.invited_by).is_not(None))
    await session.exec(update(row).where(*its, *_is_open(now)).values(ends_at=now))
    return (await session.exec(select(row).where(*its))).first()


async def end_links_by(session: AsyncSession, maker: str, now: datetime) -> list[str]:
    """End the open links that a caller created; returns their ids."""
    return await _end_open(session, col(InvitationRow.invited_by) == maker, now)


async def end_links_for(session: AsyncSession, person_id: str, now: datetime) -> list[str]:
    """End the open links that would give a person access again; returns their ids."""
    return await _end_open(session, col(InvitationRow.person) == person_id, now)


async def _end_open(session: AsyncSession, which: ColumnElement[bool], now: datetime) -> list[str]:
    row = InvitationRow
    query = select(row.id).where(which, *_is_open(now)).order_by(row.id)
    ended = list(await session.exec(query))
    await session.exec(update(row).where(col(row.id).in_(ended)).values(ends_at=now))
    return ended


def _is_open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return col(InvitationRow.used_at).is_(None), col(InvitationRow.ends_at) > now


async def remove_set_up_link(session: AsyncSession) -> None:
    """Delete the set-up link for the first chief, which no caller created."""
    await session.exec(delete(InvitationRow).where(col(InvitationRow.invited_by).is_(None)))


async def delete_expired_invitations(session: AsyncSession, until: datetime) -> None:
    """Delete the links that ended at or before a time."""
    await session.exec(delete(InvitationRow).where(col(InvitationRow.ends_at) <= until))
