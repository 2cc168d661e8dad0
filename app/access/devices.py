"""Device cookies: recognise browsers that a person has signed in with before.

The limit on wrong passwords slows an attacker down, and would lock out the person under attack too.
A browser that has signed in before therefore has a limit of its own for each of its people: an
attacker uses up only the limit of unknown browsers. A device cookie alone gives no access.

The browser holds a random secret in a cookie, the database its SHA-256. Every sign-in renews the
secret, so one that an attacker has planted in a browser is worthless afterwards.

Source: OWASP, Slow Down Online Guessing Attacks with Device Cookies.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from app.store import devices as record
from app.store.sessions import replace_device

LIFETIME = timedelta(days=180)  # after the last sign-in
MOST = 20  # browsers of one person


def device_digest(secret: str) -> bytes:
    """Return the digest of a cookie's secret, as it is stored."""
    return hashlib.sha256(secret.encode()).digest()


async def find_device(
    session: AsyncSession, secret: str | None, person_id: str, now: datetime
) -> bytes | None:
    """Find a browser that a person has signed in with before.

    Args:
        session: where to look.
        secret: the secret in the browser's cookie; None without a cookie.
        person_id: the person.
        now: the current time.

    Returns:
        The browser's digest; None if the person has not signed in with it in the last 180 days.
    """
    if not secret:
        return None
    row = await record.find_device(session, device_digest(secret), person_id)
    return None if row is None or row.seen_at <= now - LIFETIME else row.digest


async def is_known(session: AsyncSession, secret: str | None, now: datetime) -> bool:
    """Whether anybody has signed in with the browser that has this secret in its cookie."""
    if not secret:
        return False
    return await record.has_device(session, device_digest(secret), now - LIFETIME)


async def renew_device(
    session: AsyncSession, secret: str | None, person_id: str, now: datetime
) -> str:
    """Remember a browser for a person who has just signed in with it.

    The browser stays known for other people who have signed in with it. If a person has too many
    browsers, the least recently used ones are deleted.

    Args:
        session: the transaction.
        secret: the secret in the browser's present cookie; None without a cookie.
        person_id: the person who has signed in.
        now: the current time.

    Returns:
        The new secret for the browser's cookie.
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
    """Forget a person's browsers.

    Args:
        session: the transaction.
        person_id: the person.
        spare: the digest of the one browser that stays known; None for none.
    """
    await record.remove_devices(session, person_id, spare)


async def end_device(session: AsyncSession, person_id: str, digest: bytes) -> None:
    """Forget one of a person's browsers; nothing happens if it is not known."""
    await record.remove_device(session, digest, person_id)


async def delete_expired_devices(session: AsyncSession, now: datetime) -> None:
    """Delete the browsers that nobody has signed in with in the last 180 days."""
    await record.delete_expired_devices(session, now - LIFETIME)
