"""Invitations: links that can be used once, to become one of the newsroom or to come back in.

The link holds a random secret, the database its SHA-256. There are three kinds: an *invitation*
gives a role, in the newsroom or in one coverage; a link *for a person* lets somebody of the
newsroom in who has lost their password; the *set-up link* makes the first chief, and is good for as
long as the newsroom has nobody. Looking at a link does not use it up: mail programs open what they
find.

A link is no stronger than its maker: it is refused from the moment on from which they could not
make it any more. A new password ends all other links for its person.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.makers import may_give_roles
from app.access.people import (
    EmailTaken,
    Person,
    UnknownPerson,
    find_by_email,
    is_staffed,
    normalise_email,
)
from app.access.roles import Role
from app.store import invitations as record
from app.store.tables import InvitationRow

LASTS = timedelta(days=7)
SET_UP_LASTS = timedelta(hours=24)
_KEPT = timedelta(days=30)  # in the list, after its end
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)


class UnknownInvitation(Exception):
    """There is no invitation of that id."""


class InvitationEnded(Exception):
    """A link that was used, that time or a chief has ended, or that never was one."""


class MakerGone(InvitationEnded):
    """The link is open, but whoever made it may no longer give out what it gives."""

    def __init__(self, invitation_id: str) -> None:
        super().__init__(
            "Whoever made this link may no longer invite anybody. Ask a chief for another one."
        )
        self.invitation_id = invitation_id


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link as the newsroom lists it; the secret is nowhere.

    `coverage` is the only one where `role` holds, None for the whole newsroom. `person` is whom it
    lets in, None for somebody new. `invited_by` is a caller's id, None of the set-up link.
    """

    id: str
    role: Role | None
    created_at: datetime
    ends_at: datetime
    email: str | None = None
    coverage: str | None = None
    person: str | None = None
    invited_by: str | None = None
    used_at: datetime | None = None


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


async def invite(
    session: AsyncSession,
    role: Role,
    invited_by: str,
    now: datetime,
    *,
    coverage: str | None = None,
    email: str | None = None,
) -> tuple[Invitation, str]:
    """Make a link for somebody new.

    Args:
        session: the transaction.
        role: that they will have.
        invited_by: the caller's id.
        now: the time.
        coverage: the only one where they will have it; None for the whole newsroom.
        email: with which they will sign in; None leaves it to them.

    Returns:
        The invitation, and the link's secret, which is shown this once.

    Raises:
        EmailTaken: somebody has that address.
    """
    address = email and normalise_email(email)
    if address and await find_by_email(session, address):
        raise EmailTaken(f"There is somebody of the address {address} already.")
    new = Invitation(
        secrets.token_hex(8), role, now, now + LASTS, address, coverage, None, invited_by
    )
    return new, await _add(session, new)


async def invite_back(
    session: AsyncSession,
    person: Person,
    invited_by: str,
    now: datetime,
    lasts: timedelta = LASTS,
) -> tuple[Invitation, str]:
    """Make a link by which somebody of the newsroom signs in, and may choose another password.

    Returns:
        The invitation, and the link's secret, which is shown this once.

    Raises:
        UnknownPerson: they have no access any more.
    """
    if person.disabled_at is not None:
        raise UnknownPerson(f"{person.name} has no access any more.")
    new = Invitation(
        secrets.token_hex(8),
        None,
        now,
        now + lasts,
        email=person.email,
        person=person.id,
        invited_by=invited_by,
    )
    return new, await _add(session, new)


async def make_set_up_link(session: AsyncSession, now: datetime) -> str | None:
    """Make the link for the first chief, and end the one that was made before.

    Returns:
        Its secret; None if the newsroom has somebody already.
    """
    if await is_staffed(session):
        return None
    await record.remove_set_up_link(session)
    return await _add(session, Invitation(secrets.token_hex(8), "chief", now, now + SET_UP_LASTS))


async def _add(session: AsyncSession, invitation: Invitation) -> str:
    secret = secrets.token_urlsafe(32)
    values = {name: getattr(invitation, name) for name in Invitation.__slots__}
    await record.add_invitation(session, {"digest": _digest(secret), **values})
    return secret


async def find_invitation(
    session: AsyncSession, secret: str, now: datetime, *, lock: bool = False
) -> Invitation:
    """What a link is for.

    Args:
        session: where to look.
        secret: the link's.
        now: the time.
        lock: holds its maker as they are until the transaction ends.

    Raises:
        InvitationEnded: it is of no use any more, or never was.
        MakerGone: its maker may no longer give out what it gives.
    """
    row = None
    if _SECRET.fullmatch(secret):
        row = await record.find_invitation(session, _digest(secret))
    if row is None:
        raise InvitationEnded("There is no such link, or it is not whole.")
    if row.used_at is not None:
        raise InvitationEnded("This link has been used. Each one works once.")
    if row.ends_at <= now or (row.invited_by is None and await is_staffed(session)):
        raise InvitationEnded("This link has ended.")
    if row.invited_by and not await may_give_roles(session, row.invited_by, lock=lock):
        raise MakerGone(row.id)
    return _invitation(row)


async def use_up(session: AsyncSession, secret: str, now: datetime) -> None:
    """Note that a link is used.

    Raises:
        InvitationEnded: somebody else was first.
    """
    if not await record.use_invitation(session, _digest(secret), now):
        raise InvitationEnded("This link has been used. Each one works once.")


async def list_invitations(session: AsyncSession) -> list[Invitation]:
    """The links that people of the newsroom gave out, used and ended ones too, oldest first."""
    return [_invitation(row) for row in await record.list_invitations(session)]


async def end_invitation(session: AsyncSession, invitation_id: str, now: datetime) -> Invitation:
    """End a link at once; ending it again, or one that was used, changes nothing.

    Raises:
        UnknownInvitation: there is none of that id.
    """
    row = None
    if _ID.fullmatch(invitation_id):
        row = await record.end_invitation(session, invitation_id, now)
    if row is None:
        raise UnknownInvitation("There is no such invitation.")
    return _invitation(row)


async def forget_invitations(session: AsyncSession, now: datetime) -> None:
    """Drop the links that ended a month ago."""
    await record.forget_invitations(session, now - _KEPT)


def _invitation(row: InvitationRow) -> Invitation:
    return Invitation(**{name: getattr(row, name) for name in Invitation.__slots__})
