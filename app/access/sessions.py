"""Sessions: browsers that a person has signed in with, until they sign out or the session expires.

The session cookie holds a random secret, the database its SHA-256. Every sign-in creates a new
secret. Forms carry a CSRF token that is derived from the secret, which another site cannot know.
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

_BROWSER = 200  # characters of a User-Agent that are stored
_SEEN_INTERVAL = timedelta(minutes=1)  # between two updates of when a session was last seen
# Counts as a second factor: the identity provider is responsible for asking for one.
PROVIDER = "identity provider"
_SHORT = 16  # hexadecimal digits of a digest, enough to tell a person's sessions apart


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """The lifetime of a session: since it was last seen (`idle`), and in all."""

    idle: timedelta = timedelta(hours=12)  # a long shift
    lifetime: timedelta = timedelta(days=14)

    def has_ended(self, row: SessionRow, now: datetime) -> bool:
        """Whether a session has expired."""
        return now - row.seen_at >= self.idle or now - row.created_at >= self.lifetime


@dataclass(frozen=True, slots=True)
class Session:
    """A session: a browser and the person who has signed in with it.

    `second_factor` is how the person proved a second factor, None if they did not. `passkey` is the
    id of the passkey that they used, None without one; the session ends when it is removed.
    `device` is the digest of the browser's device cookie, None without one.
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
    """A session as its person sees it in their list."""

    id: str
    name: str
    created_at: datetime
    seen_at: datetime


def form_token(secret: str) -> str:
    """Derive the CSRF token that the forms of a session carry."""
    return hmac.new(secret.encode(), b"dateline form", hashlib.sha256).hexdigest()[:32]


def session_id(digest: bytes) -> str:
    """Return the id of a session in its person's list; the id gives no access."""
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
    """Begin a session.

    Args:
        session: the transaction.
        person: the person who signs in.
        browser: the User-Agent of the browser.
        now: the current time.
        second_factor: how the person has proved a second factor, or `PROVIDER` if the identity
            provider is responsible for it; None for a password alone.
        passkey: the id of the passkey that they have used; None without one.
        device: the secret of the browser's device cookie; None without one.

    Returns:
        The secret for the session cookie.
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
    session: AsyncSession, secret: str, now: datetime, config: SessionConfig
) -> Session:
    """Find the session of a cookie's secret.

    Raises:
        NotSignedIn: there is none, it has expired, or the person's access has been revoked.
    """
    row = await record.find_session(session, _digest(secret))
    if row is None or config.has_ended(row, now):
        raise NotSignedIn("You are signed out. Sign in again.")
    person = await find_person(session, row.person)
    if person is None or person.disabled_at is not None:
        raise NotSignedIn("You are signed out. Sign in again.")
    owner = await person_of(session, person)
    proofs = row.second_factor, row.passkey, row.device
    return Session(owner, form_token(secret), row.digest, row.seen_at, *proofs)


def is_due(login: Session, now: datetime, config: SessionConfig) -> bool:
    """Whether the time at which a session was last seen is due for an update."""
    return now - login.seen_at >= min(_SEEN_INTERVAL, config.idle / 4)


async def note_session(session: AsyncSession, login: Session, now: datetime) -> None:
    """Record that a session was seen, which restarts its idle time."""
    await record.save_seen(session, login.digest, now)


async def note_second_factor(session: AsyncSession, digest: bytes, by: str) -> None:
    """Record that a second factor was set up in a session, if none was proved in it before.

    Args:
        session: the transaction.
        digest: the session's digest.
        by: how the second factor was proved.
    """
    await record.save_second_factor(session, digest, by)


async def end_sessions_by(session: AsyncSession, passkey: str) -> None:
    """End the sessions for which a passkey was used."""
    await record.remove_sessions_by(session, passkey)


async def list_sessions(
    session: AsyncSession, person_id: str, now: datetime, config: SessionConfig
) -> list[Browser]:
    """List a person's sessions, most recently seen first."""
    return [
        Browser(session_id(row.digest), row.browser, row.created_at, row.seen_at)
        for row in await record.list_sessions(session, person_id)
        if not config.has_ended(row, now)
    ]


async def end_session(session: AsyncSession, secret: str) -> None:
    """End the session of a cookie's secret, if there is one."""
    await record.remove_sessions(session, [_digest(secret)])


async def end_listed_session(session: AsyncSession, person_id: str, listed_id: str) -> None:
    """End one of a person's sessions, if it exists.

    Its browser is forgotten as well, since another person may have it now.
    """
    rows = await record.list_sessions(session, person_id)
    rows = [row for row in rows if session_id(row.digest) == listed_id]
    await record.remove_sessions(session, [row.digest for row in rows])
    for row in rows:
        if row.device is not None:
            await end_device(session, person_id, row.device)


async def end_sessions(session: AsyncSession, person_id: str, spare: bytes | None = None) -> None:
    """Sign a person out everywhere, and forget their browsers.

    Args:
        session: the transaction.
        person_id: the person.
        spare: the digest of the session that stays; None for none.
    """
    spared = None if spare is None else await record.find_session(session, spare)
    await record.remove_sessions_of(session, person_id, spare)
    await end_devices(session, person_id, None if spared is None else spared.device)


async def delete_expired_sessions(
    session: AsyncSession, now: datetime, config: SessionConfig
) -> None:
    """Delete expired sessions."""
    await record.delete_expired_sessions(session, now - config.idle, now - config.lifetime)
