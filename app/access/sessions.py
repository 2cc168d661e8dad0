"""Sessions: browsers that somebody signed in with, until they sign out or time ends it.

The browser has a random secret in a cookie, the database its SHA-256. Every sign-in makes a new
one. Forms carry a token that is made from the secret, which another site cannot know.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.people import Person, person_of
from app.access.roles import NotSignedIn
from app.store.people import PersonRow, SessionRow

IDLE = timedelta(hours=12)  # a shift, and a long one
LONGEST = timedelta(days=14)
_BROWSER = 200  # characters
_NOTED = timedelta(minutes=1)  # between two notes of when a session was seen


@dataclass(frozen=True, slots=True)
class Session:
    """A browser and who signed in with it."""

    person: Person
    token: str
    digest: bytes
    seen_at: datetime


def form_token(secret: str) -> str:
    """What forms of a session carry to show that they are ours."""
    return hmac.new(secret.encode(), b"dateline form", hashlib.sha256).hexdigest()[:32]


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


async def begin_session(session: AsyncSession, person: Person, browser: str, now: datetime) -> str:
    """Sign somebody in.

    Returns:
        The secret for the browser's cookie.
    """
    secret = secrets.token_urlsafe(32)
    values = {
        "digest": _digest(secret),
        "person": person.id,
        "browser": browser[:_BROWSER],
        "created_at": now,
        "seen_at": now,
    }
    await session.exec(insert(SessionRow).values(values))
    return secret


async def find_session(session: AsyncSession, secret: str, now: datetime) -> Session:
    """Whose session it is.

    Raises:
        NotSignedIn: there is none, it has ended, or its person has no access any more.
    """
    row = await session.get(SessionRow, _digest(secret))
    if row is None or row.seen_at <= now - IDLE or row.created_at <= now - LONGEST:
        raise NotSignedIn("You are signed out. Sign in again.")
    person = await session.get(PersonRow, row.person)
    if person is None or person.disabled_at is not None:
        raise NotSignedIn("You are signed out. Sign in again.")
    found = await person_of(session, person)
    return Session(found, form_token(secret), row.digest, row.seen_at)


def is_due(found: Session, now: datetime) -> bool:
    """Whether it is time to note that a session was seen."""
    return now - found.seen_at >= _NOTED


async def note_session(session: AsyncSession, found: Session, now: datetime) -> None:
    """Note that a session was seen, from which its idle end counts."""
    where = col(SessionRow.digest) == found.digest
    await session.exec(update(SessionRow).where(where).values(seen_at=now))


async def end_session(session: AsyncSession, secret: str) -> None:
    """Sign out, if that is a session."""
    await session.exec(delete(SessionRow).where(col(SessionRow.digest) == _digest(secret)))


async def forget_sessions(session: AsyncSession, now: datetime) -> None:
    """Drop the sessions that time has ended."""
    row = SessionRow
    ended = (col(row.seen_at) <= now - IDLE) | (col(row.created_at) <= now - LONGEST)
    await session.exec(delete(row).where(ended))
