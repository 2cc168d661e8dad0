"""Challenges: sign-ins that wait for the second factor, and those that passkeys have signed."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.inserts import insert_new
from app.store.tables import ChallengeRow, UsedChallengeRow


async def add_challenge(session: AsyncSession, row: Mapping[str, object]) -> None:
    """Store a sign-in that waits for the second factor."""
    await session.exec(insert(ChallengeRow).values(**row))


async def find_challenge(session: AsyncSession, digest: bytes) -> ChallengeRow | None:
    """A sign-in that waits for the second factor, even an expired one; None if there is none."""
    return await session.get(ChallengeRow, digest)


async def remove_challenges(session: AsyncSession, person_id: str) -> None:
    """Delete a person's waiting sign-ins."""
    await session.exec(delete(ChallengeRow).where(col(ChallengeRow.person) == person_id))


async def delete_expired_challenges(session: AsyncSession, now: datetime) -> None:
    """Delete the expired sign-ins."""
    await session.exec(delete(ChallengeRow).where(col(ChallengeRow.ends_at) <= now))


async def use_challenge(session: AsyncSession, digest: bytes, ends_at: datetime) -> bool:
    """Record that a passkey has signed a challenge; false if it was signed before."""
    return await insert_new(session, UsedChallengeRow, {"digest": digest, "ends_at": ends_at})


async def delete_expired_used_challenges(session: AsyncSession, now: datetime) -> None:
    """Delete the expired challenges that passkeys have signed."""
    row = UsedChallengeRow
    await session.exec(delete(row).where(col(row.ends_at) <= now))
