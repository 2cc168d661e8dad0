"""The session table: sign-in sessions, by the SHA-256 of their secret."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, insert, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.tables import SessionRow


async def add_session(session: AsyncSession, row: Mapping[str, object]) -> None:
    """Store a new session."""
    await session.exec(insert(SessionRow).values(**row))


async def find_session(session: AsyncSession, digest: bytes) -> SessionRow | None:
    """A session, even an expired one; None if there is none."""
    return await session.get(SessionRow, digest)


async def list_sessions(session: AsyncSession, person_id: str) -> Sequence[SessionRow]:
    """A person's sessions, the most recently seen first."""
    query = (
        select(SessionRow)
        .where(SessionRow.person == person_id)
        .order_by(col(SessionRow.seen_at).desc(), col(SessionRow.digest))
    )
    return (await session.exec(query)).all()


async def save_seen(session: AsyncSession, digest: bytes, at: datetime) -> None:
    """Record when a session was last seen."""
    where = col(SessionRow.digest) == digest
    await session.exec(update(SessionRow).where(where).values(seen_at=at))


async def save_second_factor(session: AsyncSession, digest: bytes, by: str) -> None:
    """Record which second factor was used in a session, if none was recorded before."""
    row = SessionRow
    unshown = (col(row.digest) == digest, col(row.second_factor).is_(None))
    await session.exec(update(row).where(*unshown).values(second_factor=by))


async def replace_device(session: AsyncSession, old: bytes, new: bytes) -> None:
    """Replace the device digest in the sessions of a browser."""
    theirs = update(SessionRow).where(col(SessionRow.device) == old)
    await session.exec(theirs.values(device=new))


async def remove_sessions(session: AsyncSession, digests: Collection[bytes]) -> None:
    """Delete these sessions."""
    await session.exec(delete(SessionRow).where(col(SessionRow.digest).in_(digests)))


async def remove_sessions_by(session: AsyncSession, passkey: str) -> None:
    """Delete the sessions that were signed in with a passkey."""
    await session.exec(delete(SessionRow).where(col(SessionRow.passkey) == passkey))


async def remove_sessions_of(session: AsyncSession, person_id: str, spare: bytes | None) -> None:
    """Delete a person's sessions, except the one with the digest `spare`."""
    ended = delete(SessionRow).where(col(SessionRow.person) == person_id)
    if spare is not None:
        ended = ended.where(col(SessionRow.digest) != spare)
    await session.exec(ended)


async def delete_expired_sessions(session: AsyncSession, seen: datetime, created: datetime) -> None:
    """Delete the sessions that were last seen, or created, at or before these times."""
    row = SessionRow
    ended = (col(row.seen_at) <= seen) | (col(row.created_at) <= created)
    await session.exec(delete(row).where(ended))
