"""Challenges of passkeys: random bytes that a device signs once, for one purpose and one browser.

The database has the SHA-256 of each for five minutes, so it holds in all processes. A challenge is
bound to what the browser keeps as a secret: its session, its second step of signing in, or, before
anybody is known, a cookie of its own. How many are open is bounded, by browser and in all.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Literal, cast

from sqlalchemy import CursorResult, delete, func, insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.passwords import TooManySignIns
from app.access.webauthn import PasskeyRefused
from app.store.people import PasskeyChallengeRow

LASTS = timedelta(minutes=5)
MOST_OPEN = 10_000  # of people who are not known yet
_MOST_HELD = 5  # by one browser, for one purpose: so many tabs it may have open

Purpose = Literal["registration", "confirmation", "second-factor", "sign-in"]


def holder_of(secret: str) -> bytes:
    """What a challenge is bound to, of a browser that keeps this secret."""
    return hashlib.sha256(secret.encode()).digest()


async def begin_passkey_challenge(
    session: AsyncSession,
    purpose: Purpose,
    holder: bytes,
    now: datetime,
    person_id: str | None = None,
) -> bytes:
    """Make a challenge.

    Args:
        session: the transaction.
        purpose: what its answer will be good for.
        holder: the browser, as `holder_of` names it.
        now: the time.
        person_id: who is asked; None where that is not known yet.

    Returns:
        The challenge, which the browser is given.

    Raises:
        TooManySignIns: so many are open that this one has to wait.
    """
    row = PasskeyChallengeRow
    if person_id is None:
        await _make_room(session, now)
    its = (col(row.holder) == holder, col(row.purpose) == purpose)
    newest = select(row.digest).where(*its).order_by(col(row.ends_at).desc())
    older = list(await session.exec(newest))[_MOST_HELD - 1 :]
    await session.exec(delete(row).where(col(row.digest).in_(older)))
    challenge = secrets.token_bytes(32)
    values = {
        "digest": _digest(challenge),
        "purpose": purpose,
        "holder": holder,
        "person": person_id,
        "ends_at": now + LASTS,
    }
    await session.exec(insert(row).values(values))
    return challenge


async def take_passkey_challenge(
    session: AsyncSession, challenge: bytes, purpose: Purpose, holder: bytes, now: datetime
) -> PasskeyRefused | None:
    """Use a challenge up.

    Returns:
        The refusal, if it is none of this purpose and this browser, was used, or took too long.
    """
    row = PasskeyChallengeRow
    its = (
        col(row.digest) == _digest(challenge),
        col(row.purpose) == purpose,
        col(row.holder) == holder,
        col(row.ends_at) > now,
    )
    taken = await session.exec(delete(row).where(*its))
    if cast("CursorResult[object]", taken).rowcount:
        return None
    return PasskeyRefused("challenge", "This took too long, or was sent before. Try it once more.")


async def end_passkey_challenges(session: AsyncSession, person_id: str) -> None:
    """End all that are open for somebody."""
    row = PasskeyChallengeRow
    await session.exec(delete(row).where(col(row.person) == person_id))


async def forget_passkey_challenges(session: AsyncSession, now: datetime) -> None:
    """Drop those that time has ended."""
    row = PasskeyChallengeRow
    await session.exec(delete(row).where(col(row.ends_at) <= now))


async def _make_room(session: AsyncSession, now: datetime) -> None:
    row = PasskeyChallengeRow
    query = select(func.count()).where(col(row.person).is_(None))
    if (await session.exec(query)).one() < MOST_OPEN:
        return
    await forget_passkey_challenges(session, now)
    if (await session.exec(query)).one() >= MOST_OPEN:
        raise TooManySignIns("Very many people sign in just now. Try again in a few seconds.")


def _digest(challenge: bytes) -> bytes:
    return hashlib.sha256(challenge).digest()
