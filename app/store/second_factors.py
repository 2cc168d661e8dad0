"""Second factors: the secrets of authenticator apps, and recovery codes."""

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from sqlalchemy import CursorResult, delete, func, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.inserts import insert_rows
from app.store.tables import PasskeyRow, PersonRow, RecoveryCodeRow


async def begin_secret(session: AsyncSession, person_id: str, secret: str) -> bool:
    """Store a secret that is not confirmed yet; false if there is a confirmed one."""
    unset = (col(PersonRow.id) == person_id, col(PersonRow.totp_since).is_(None))
    begun = await session.exec(update(PersonRow).where(*unset).values(totp_secret=secret))
    return bool(cast("CursorResult[object]", begun).rowcount)


async def find_secret(session: AsyncSession, person_id: str) -> str | None:
    """The secret of a person's app, confirmed or not; None if there is none."""
    query = select(PersonRow.totp_secret).where(PersonRow.id == person_id)
    return (await session.exec(query)).first()


async def use_step(session: AsyncSession, person_id: str, step: int) -> bool:
    """Mark a TOTP time step as used; false if it, or a later one, was used before."""
    row = PersonRow
    unused = or_(col(row.totp_step).is_(None), col(row.totp_step) < step)
    its = update(row).where(col(row.id) == person_id, unused)
    taken = await session.exec(its.values(totp_step=step))
    return bool(cast("CursorResult[object]", taken).rowcount)


async def has_app(session: AsyncSession, person_id: str, since: datetime | None = None) -> bool:
    """Whether a person has a confirmed app; with `since`, one that was set up from then on."""
    query = select(PersonRow.id).where(
        PersonRow.id == person_id, col(PersonRow.totp_since).is_not(None)
    )
    if since is not None:
        query = query.where(col(PersonRow.totp_since) >= since)
    return (await session.exec(query)).first() is not None


async def has_factor(session: AsyncSession, person_id: str) -> bool:
    """Whether a person has a confirmed app or a passkey."""
    passkeys = select(PasskeyRow.id).where(PasskeyRow.person == person_id).limit(1)
    return await has_app(session, person_id) or (await session.exec(passkeys)).first() is not None


async def add_codes(session: AsyncSession, person_id: str, digests: Iterable[bytes]) -> None:
    """Store recovery codes, by their SHA-256."""
    rows = [{"person": person_id, "digest": digest} for digest in digests]
    await insert_rows(session, RecoveryCodeRow, rows)


async def count_codes(session: AsyncSession, person_id: str) -> int:
    """The number of recovery codes that a person has left."""
    query = select(func.count()).where(col(RecoveryCodeRow.person) == person_id)
    return (await session.exec(query)).one()


async def use_code(session: AsyncSession, person_id: str, digest: bytes) -> bool:
    """Use up a recovery code; false if the person has no such code."""
    row = RecoveryCodeRow
    its = (col(row.person) == person_id, col(row.digest) == digest)
    return bool(cast("CursorResult[object]", await session.exec(delete(row).where(*its))).rowcount)


async def remove_codes(session: AsyncSession, person_id: str) -> None:
    """Delete all of a person's recovery codes."""
    await session.exec(delete(RecoveryCodeRow).where(col(RecoveryCodeRow.person) == person_id))
