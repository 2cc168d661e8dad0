"""Challenges: somebody has shown the first factor, and has five minutes for the second.

The browser has a random secret in a cookie, the database its SHA-256. A challenge opens nothing by
itself; a right code turns it into a session.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.people import Person, find_person
from app.access.roles import NotSignedIn
from app.store import challenges as record

LASTS = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Challenge:
    """Who is about to sign in, and where they go on to then."""

    person: Person
    onward: str


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


async def begin_challenge(session: AsyncSession, person: Person, onward: str, now: datetime) -> str:
    """Ask somebody for their second factor.

    Returns:
        The secret for the browser's cookie.
    """
    secret = secrets.token_urlsafe(32)
    values = {
        "digest": _digest(secret),
        "person": person.id,
        "onward": onward,
        "ends_at": now + LASTS,
    }
    await record.add_challenge(session, values)
    return secret


async def find_challenge(session: AsyncSession, secret: str | None, now: datetime) -> Challenge:
    """Whose challenge it is.

    Raises:
        NotSignedIn: there is none, it took too long, or its person has no access any more.
    """
    row = await record.find_challenge(session, _digest(secret or ""))
    if row is None or row.ends_at <= now:
        raise NotSignedIn("Signing in took too long. Begin again.")
    person = await find_person(session, row.person)
    if person.disabled_at is not None:
        raise NotSignedIn("Signing in took too long. Begin again.")
    return Challenge(person, row.onward)


async def end_challenges(session: AsyncSession, person_id: str) -> None:
    """End all that are open for somebody."""
    await record.remove_challenges(session, person_id)
