"""Device cookies: browsers that somebody has signed in with before.

Whoever guesses at a password is slowed down, and so would be the person whose password it is. A
browser that has signed in before therefore has a count of its own for each person who did: a
stranger uses up only what strangers have. It opens nothing by itself.

The browser has a random secret in a cookie, the database its SHA-256. Every sign-in makes a new
one, so a secret that somebody planted in a browser is worth nothing afterwards.

Source: OWASP, Slow Down Online Guessing Attacks with Device Cookies.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from app.store import devices as record
from app.store.sessions import replace_device

LASTS = timedelta(days=180)  # after the last sign-in
MOST = 20  # browsers of one person


def device_digest(secret: str) -> bytes:
    """What is kept of a cookie's secret."""
    return hashlib.sha256(secret.encode()).digest()


async def find_device(
    session: AsyncSession, secret: str | None, person_id: str, now: datetime
) -> bytes | None:
    """The digest of a browser with which somebody has signed in before.

    Args:
        session: where to look.
        secret: what the browser's cookie says; None without one.
        person_id: who.
        now: the time.

    Returns:
        None if they have not, or not for half a year.
    """
    if not secret:
        return None
    row = await record.find_device(session, device_digest(secret), person_id)
    return None if row is None or row.seen_at <= now - LASTS else row.digest


async def is_known(session: AsyncSession, secret: str | None, now: datetime) -> bool:
    """Whether anybody has signed in with a browser before, by its cookie's secret."""
    if not secret:
        return False
    return await record.has_device(session, device_digest(secret), now - LASTS)


async def renew_device(
    session: AsyncSession, secret: str | None, person_id: str, now: datetime
) -> str:
    """Know a browser from now on as one of somebody who has just signed in with it.

    Others who have signed in with it before stay known; of too many browsers of one person the
    ones that were used longest ago are forgotten.

    Args:
        session: the transaction.
        secret: what the browser's cookie said; None without one.
        person_id: who has signed in.
        now: the time.

    Returns:
        The secret for the browser's cookie.
    """
    new = secrets.token_urlsafe(32)
    if secret:
        old = device_digest(secret)
        await record.remove_device(session, old, person_id)
        await record.replace_digest(session, old, device_digest(new))
        await replace_device(session, old, device_digest(new))
    values = {"digest": device_digest(new), "person": person_id, "seen_at": now, "wrong": 0}
    await record.add_device(session, values)
    await record.trim_devices(session, person_id, MOST)
    return new


async def end_devices(session: AsyncSession, person_id: str, spare: bytes | None = None) -> None:
    """Know none of somebody's browsers any more.

    Args:
        session: the transaction.
        person_id: whose.
        spare: the digest of the one that stays known; None for none.
    """
    await record.remove_devices(session, person_id, spare)


async def end_device(session: AsyncSession, person_id: str, digest: bytes) -> None:
    """Know one of somebody's browsers no more; nothing if it is not known."""
    await record.remove_device(session, digest, person_id)


async def forget_devices(session: AsyncSession, now: datetime) -> None:
    """Drop the browsers that nobody has signed in with for half a year."""
    await record.forget_devices(session, now - LASTS)
