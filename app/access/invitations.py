"""Invitations: links that work once, to join the newsroom or to sign in without a password.

The link holds a random secret, the database its SHA-256. There are three kinds: an *invitation*
gives a role, in the newsroom or in one coverage; a link *for a person* signs in somebody of the
newsroom who has lost their password; the *set-up link* creates the first chief, and is valid for as
long as the newsroom has nobody. Opening a link does not use it up, since mail programs open the
links that they find.

A link has no more permissions than its maker: it is refused as soon as the maker could not make it
any more. A new password ends all other links for its person.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.makers import may_grant_roles
from app.access.people import (
    EmailTaken,
    Person,
    UnknownPerson,
    find_by_email,
    has_people,
    normalise_email,
)
from app.access.roles import Role
from app.store import invitations as record
from app.store.tables import InvitationRow

LIFETIME = timedelta(days=7)
SET_UP_LIFETIME = timedelta(hours=24)
_RETENTION = timedelta(days=30)  # for which an ended link stays in the list
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)


class UnknownInvitation(Exception):
    """No invitation has that id."""


class InvitationEnded(Exception):
    """A link that was used, has expired, was revoked by a chief, or never existed."""


class MakerGone(InvitationEnded):
    """The link is open, but its maker no longer has the permission to make it."""

    def __init__(self, invitation_id: str) -> None:
        super().__init__(
            "The maker of this link may no longer invite anybody. Ask a chief for another one."
        )
        self.invitation_id = invitation_id


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link as the newsroom lists it, without its secret.

    `coverage` is the only one where `role` holds, None for the whole newsroom. `person` is the id
    of the person that it signs in, None for a new person. `invited_by` is the maker's caller id,
    None for the set-up link.
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


def link_of(base_url: str, secret: str) -> str:
    """Return the address of the link with this secret."""
    return f"{base_url}/desk/welcome/{secret}"


async def invite(
    session: AsyncSession,
    role: Role,
    invited_by: str,
    now: datetime,
    *,
    coverage: str | None = None,
    email: str | None = None,
) -> tuple[Invitation, str]:
    """Create a link for a new person.

    Args:
        session: the transaction.
        role: the role that the person gets.
        invited_by: the caller's id.
        now: the current time.
        coverage: the slug of the only coverage where the role holds; None for the whole newsroom.
        email: the address that the person will sign in with; None lets them enter it.

    Returns:
        The invitation, and the link's secret, which is shown only this once.

    Raises:
        EmailTaken: another person has that address.
    """
    address = email and normalise_email(email)
    if address and await find_by_email(session, address):
        raise EmailTaken(f"Somebody already has the address {address}.")
    new = Invitation(
        secrets.token_hex(8), role, now, now + LIFETIME, address, coverage, None, invited_by
    )
    return new, await _add(session, new)


async def invite_back(
    session: AsyncSession,
    person: Person,
    invited_by: str,
    now: datetime,
    lasts: timedelta = LIFETIME,
) -> tuple[Invitation, str]:
    """Create a link by which a person of the newsroom signs in and may choose a new password.

    Returns:
        The invitation, and the link's secret, which is shown only this once.

    Raises:
        UnknownPerson: the person's access was revoked.
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
    """Create the link for the first chief, and end the previous one.

    Returns:
        The link's secret; None if the newsroom has people already.
    """
    if await has_people(session):
        return None
    await record.remove_set_up_link(session)
    return await _add(
        session, Invitation(secrets.token_hex(8), "chief", now, now + SET_UP_LIFETIME)
    )


async def _add(session: AsyncSession, invitation: Invitation) -> str:
    secret = secrets.token_urlsafe(32)
    values = {name: getattr(invitation, name) for name in Invitation.__slots__}
    await record.add_invitation(session, {"digest": _digest(secret), **values})
    return secret


async def find_invitation(
    session: AsyncSession, secret: str, now: datetime, *, lock: bool = False
) -> Invitation:
    """Find the invitation of a link.

    Args:
        session: where to look.
        secret: the link's secret.
        now: the current time.
        lock: whether to lock the link's maker until the transaction ends.

    Raises:
        InvitationEnded: the link is not valid any more, or never was.
        MakerGone: the link's maker no longer has the permission to make it.
    """
    row = None
    if _SECRET.fullmatch(secret):
        row = await record.find_invitation(session, _digest(secret))
    if row is None:
        raise InvitationEnded("There is no such link, or it is incomplete.")
    if row.used_at is not None:
        raise InvitationEnded("This link has been used. Each one works once.")
    if row.ends_at <= now or (row.invited_by is None and await has_people(session)):
        raise InvitationEnded("This link has ended.")
    if row.invited_by and not await may_grant_roles(session, row.invited_by, lock=lock):
        raise MakerGone(row.id)
    return _invitation(row)


async def mark_used(session: AsyncSession, secret: str, now: datetime) -> None:
    """Mark a link as used.

    Raises:
        InvitationEnded: a concurrent request has used it first.
    """
    if not await record.use_invitation(session, _digest(secret), now):
        raise InvitationEnded("This link has been used. Each one works once.")


async def list_invitations(session: AsyncSession) -> list[Invitation]:
    """List the links made in the newsroom, used and ended ones included, oldest first."""
    return [_invitation(row) for row in await record.list_invitations(session)]


async def end_invitation(session: AsyncSession, invitation_id: str, now: datetime) -> Invitation:
    """Revoke a link at once; revoking an ended or used link changes nothing.

    Raises:
        UnknownInvitation: no invitation has that id.
    """
    row = None
    if _ID.fullmatch(invitation_id):
        row = await record.end_invitation(session, invitation_id, now)
    if row is None:
        raise UnknownInvitation("There is no such invitation.")
    return _invitation(row)


async def delete_expired_invitations(session: AsyncSession, now: datetime) -> None:
    """Delete the links that ended more than 30 days ago."""
    await record.delete_expired_invitations(session, now - _RETENTION)


def _invitation(row: InvitationRow) -> Invitation:
    return Invitation(**{name: getattr(row, name) for name in Invitation.__slots__})
