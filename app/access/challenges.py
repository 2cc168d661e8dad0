"""Two-factor challenges: after the first factor, a person has five minutes for the second.

The browser holds a random secret in a cookie, the database its SHA-256. A challenge alone gives no
access; a correct code turns it into a session.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.people import Person, find_person
from app.access.roles import NotSignedIn
from app.store import challenges as record

LIFETIME = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Challenge:
    """The person who is signing in, and the page to go on to afterwards."""

    person: Person
    onward: str


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


async def begin_challenge(session: AsyncSession, person: Person, onward: str, now: datetime) -> str:
    """Begin a challenge for a person's second factor.

    Returns:
        The secret for the browser's cookie.
    """
    secret = secrets.token_urlsafe(32)
    values = {
        "digest": _digest(secret),
        "person": person.id,
        "onward": onward,
        "ends_at": now + LIFETIME,
    }
    await record.add_challenge(session, values)
    return secret


async def find_challenge(session: AsyncSession, secret: str | None, now: datetime) -> Challenge:
    """Find the challenge of a cookie's secret.

    Raises:
        NotSignedIn: there is none, it has expired, or the person's access has been revoked.
    """
    row = await record.find_challenge(session, _digest(secret or ""))
    if row is None or row.ends_at <= now:
        raise NotSignedIn("Signing in took too long. Begin again.")
    person = await find_person(session, row.person)
    if person.disabled_at is not None:
        raise NotSignedIn("Signing in took too long. Begin again.")
    return Challenge(person, row.onward)


async def end_challenges(session: AsyncSession, person_id: str) -> None:
    """End all open challenges of a person."""
    await record.remove_challenges(session, person_id)
