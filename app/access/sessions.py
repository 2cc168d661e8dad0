"""Sessions: browsers that somebody signed in with, until they sign out or time ends it.

The browser has a random secret in a cookie, the database its SHA-256. Every sign-in makes a new
one. Forms carry a token that is made from the secret, which another site cannot know.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.devices import device_digest, end_device, end_devices
from app.access.people import Person, person_of
from app.access.roles import NotSignedIn
from app.store import sessions as record
from app.store.people import find_person
from app.store.tables import SessionRow

_BROWSER = 200  # characters
_NOTED = timedelta(minutes=1)  # between two notes of when a session was seen
# What stands in for a second factor of ours: whoever answers for the person has asked for one.
PROVIDER = "identity provider"
_SHORT = 16  # digits of a digest that tell a person's sessions from each other


@dataclass(frozen=True, slots=True)
class SessionTerms:
    """How long a session lives: after it was last seen, and in all."""

    idle: timedelta = timedelta(hours=12)  # a shift, and a long one
    lifetime: timedelta = timedelta(days=14)

    def has_ended(self, row: SessionRow, now: datetime) -> bool:
        """Whether time has ended a session."""
        return now - row.seen_at >= self.idle or now - row.created_at >= self.lifetime


@dataclass(frozen=True, slots=True)
class Session:
    """A browser and who signed in with it.

    `second_factor` is how they showed one, None if they did not; `passkey` is the id of the passkey
    that they showed, with which the session ends. `device` is the digest of the browser's device
    cookie; None without one.
    """

    person: Person
    token: str
    digest: bytes
    seen_at: datetime
    second_factor: str | None = None
    passkey: str | None = None
    device: bytes | None = None


@dataclass(frozen=True, slots=True)
class Browser:
    """A session as its person sees it in the list."""

    id: str
    name: str
    created_at: datetime
    seen_at: datetime


def form_token(secret: str) -> str:
    """What forms of a session carry to show that they are ours."""
    return hmac.new(secret.encode(), b"dateline form", hashlib.sha256).hexdigest()[:32]


def session_id(digest: bytes) -> str:
    """What a session is called in its person's list: nothing can be done with it elsewhere."""
    return digest.hex()[:_SHORT]


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


async def begin_session(
    session: AsyncSession,
    person: Person,
    browser: str,
    now: datetime,
    *,
    second_factor: str | None = None,
    passkey: str | None = None,
    device: str | None = None,
) -> str:
    """Sign somebody in.

    Args:
        session: the transaction.
        person: who.
        browser: as it names itself.
        now: the time.
        second_factor: how they have shown one, or `PROVIDER`, which answers for it; None for a
            password alone.
        passkey: the id of the passkey that they have shown, with which the session ends.
        device: the secret of the browser's device cookie; None without one.

    Returns:
        The secret for the browser's cookie.
    """
    secret = secrets.token_urlsafe(32)
    values = {
        "digest": _digest(secret),
        "person": person.id,
        "browser": browser[:_BROWSER],
        "second_factor": second_factor,
        "passkey": passkey,
        "device": device_digest(device) if device else None,
        "created_at": now,
        "seen_at": now,
    }
    await record.add_session(session, values)
    return secret


async def find_session(
    session: AsyncSession, secret: str, now: datetime, terms: SessionTerms
) -> Session:
    """Whose session it is.

    Raises:
        NotSignedIn: there is none, it has ended, or its person has no access any more.
    """
    row = await record.find_session(session, _digest(secret))
    if row is None or terms.has_ended(row, now):
        raise NotSignedIn("You are signed out. Sign in again.")
    person = await find_person(session, row.person)
    if person is None or person.disabled_at is not None:
        raise NotSignedIn("You are signed out. Sign in again.")
    found = await person_of(session, person)
    shown = row.second_factor, row.passkey, row.device
    return Session(found, form_token(secret), row.digest, row.seen_at, *shown)


def is_due(found: Session, now: datetime, terms: SessionTerms) -> bool:
    """Whether it is time to note that a session was seen."""
    return now - found.seen_at >= min(_NOTED, terms.idle / 4)


async def note_session(session: AsyncSession, found: Session, now: datetime) -> None:
    """Note that a session was seen, from which its idle end counts."""
    await record.save_seen(session, found.digest, now)


async def note_second_factor(session: AsyncSession, digest: bytes, by: str) -> None:
    """Note that the person of a session has set up a second factor in it, if they had shown none.

    Args:
        session: the transaction.
        digest: of the session.
        by: how it is shown.
    """
    await record.save_second_factor(session, digest, by)


async def end_sessions_by(session: AsyncSession, passkey: str) -> None:
    """End the sessions for which a passkey was shown."""
    await record.remove_sessions_by(session, passkey)


async def list_sessions(
    session: AsyncSession, person_id: str, now: datetime, terms: SessionTerms
) -> list[Browser]:
    """Where somebody is signed in, the one that was seen last first."""
    return [
        Browser(session_id(row.digest), row.browser, row.created_at, row.seen_at)
        for row in await record.list_sessions(session, person_id)
        if not terms.has_ended(row, now)
    ]


async def end_session(session: AsyncSession, secret: str) -> None:
    """Sign out, if that is a session."""
    await record.remove_sessions(session, [_digest(secret)])


async def end_one_of(session: AsyncSession, person_id: str, wanted: str) -> None:
    """End the one of somebody's sessions that has this id, if there is one.

    Its browser is known no longer either: it may be in other hands.
    """
    found = await record.list_sessions(session, person_id)
    rows = [row for row in found if session_id(row.digest) == wanted]
    await record.remove_sessions(session, [row.digest for row in rows])
    for row in rows:
        if row.device is not None:
            await end_device(session, person_id, row.device)


async def end_sessions(session: AsyncSession, person_id: str, spare: bytes | None = None) -> None:
    """Sign somebody out everywhere, and know their browsers no longer.

    Args:
        session: the transaction.
        person_id: who.
        spare: the digest of the session that stays; None for none.
    """
    spared = None if spare is None else await record.find_session(session, spare)
    await record.remove_sessions_of(session, person_id, spare)
    await end_devices(session, person_id, None if spared is None else spared.device)


async def forget_sessions(session: AsyncSession, now: datetime, terms: SessionTerms) -> None:
    """Drop the sessions that time has ended."""
    await record.forget_sessions(session, now - terms.idle, now - terms.lifetime)
