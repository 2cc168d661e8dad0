"""Sessions in the record, by the SHA-256 of their secret."""

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
    """A session, be it one that time has ended."""
    return await session.get(SessionRow, digest)


async def list_sessions(session: AsyncSession, person_id: str) -> Sequence[SessionRow]:
    """Somebody's sessions, the one that was seen last first."""
    query = (
        select(SessionRow)
        .where(SessionRow.person == person_id)
        .order_by(col(SessionRow.seen_at).desc(), col(SessionRow.digest))
    )
    return (await session.exec(query)).all()


async def save_seen(session: AsyncSession, digest: bytes, at: datetime) -> None:
    """Note when a session was seen."""
    where = col(SessionRow.digest) == digest
    await session.exec(update(SessionRow).where(where).values(seen_at=at))


async def save_second_factor(session: AsyncSession, digest: bytes, by: str) -> None:
    """Note how a second factor was shown, in a session in which none was."""
    row = SessionRow
    unshown = (col(row.digest) == digest, col(row.second_factor).is_(None))
    await session.exec(update(row).where(*unshown).values(second_factor=by))


async def replace_device(session: AsyncSession, old: bytes, new: bytes) -> None:
    """Give the sessions of a browser its new device digest."""
    theirs = update(SessionRow).where(col(SessionRow.device) == old)
    await session.exec(theirs.values(device=new))


async def remove_sessions(session: AsyncSession, digests: Collection[bytes]) -> None:
    """Forget these sessions."""
    await session.exec(delete(SessionRow).where(col(SessionRow.digest).in_(digests)))


async def remove_sessions_by(session: AsyncSession, passkey: str) -> None:
    """Forget the sessions for which a passkey was shown."""
    await session.exec(delete(SessionRow).where(col(SessionRow.passkey) == passkey))


async def remove_sessions_of(session: AsyncSession, person_id: str, spare: bytes | None) -> None:
    """Forget somebody's sessions, but for the one of the digest `spare`."""
    ended = delete(SessionRow).where(col(SessionRow.person) == person_id)
    if spare is not None:
        ended = ended.where(col(SessionRow.digest) != spare)
    await session.exec(ended)


async def forget_sessions(session: AsyncSession, seen: datetime, created: datetime) -> None:
    """Drop the sessions that were last seen, or begun, at those times or before."""
    row = SessionRow
    ended = (col(row.seen_at) <= seen) | (col(row.created_at) <= created)
    await session.exec(delete(row).where(ended))
