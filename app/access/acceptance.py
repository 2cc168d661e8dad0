"""Acceptance of an invitation: somebody takes a link, and is one of the newsroom from then on."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.challenges import end_challenges
from app.access.invitations import (
    Invitation,
    InvitationEnded,
    find_invitation,
    use_up,
)
from app.access.people import Person, add_person, find_person, give_roles, set_password
from app.access.sessions import end_sessions
from app.store.invitations import end_links_for


@dataclass(frozen=True, slots=True)
class Guest:
    """Who takes an invitation: what they typed; `password` is its hash, None for no new one."""

    email: str
    name: str
    password: str | None


async def take_invitation(
    session: AsyncSession, secret: str, guest: Guest, now: datetime
) -> Person:
    """Use a link up.

    Returns:
        Who signs in by it.

    Raises:
        InvitationEnded: it is of no use any more, also since it was looked at.
        EmailTaken: somebody has the guest's address; the link can still be used.
    """
    invitation = await find_invitation(session, secret, now, lock=True)
    await use_up(session, secret, now)
    if invitation.person is not None:
        return await _let_back(session, invitation.person, guest, now)
    return await _take_in(session, invitation, guest, now)


async def _let_back(session: AsyncSession, person_id: str, guest: Guest, now: datetime) -> Person:
    person = await find_person(session, person_id)
    if person.disabled_at is not None:
        raise InvitationEnded("This link has ended.")
    if guest.password is not None:
        await replace_password(session, person.id, guest.password, now)
    return person


async def replace_password(
    session: AsyncSession, person_id: str, password: str, now: datetime
) -> None:
    """Give somebody another password, and end every other way in that the old one had.

    They are signed out everywhere, and the open links for them are of no use any more: who lost a
    password to somebody may have lost a link to them too.

    Args:
        session: the transaction.
        person_id: whose.
        password: its hash.
        now: the time.
    """
    await set_password(session, person_id, password)
    await end_sessions(session, person_id)
    await end_challenges(session, person_id)
    await end_links_for(session, person_id, now)


async def _take_in(
    session: AsyncSession, invitation: Invitation, guest: Guest, now: datetime
) -> Person:
    role, coverage = invitation.role, invitation.coverage
    person = await add_person(
        session,
        invitation.email or guest.email,
        guest.name,
        None if coverage else role,
        now,
        password=guest.password,
        invited_by=invitation.invited_by,
    )
    if coverage is not None and role is not None:
        await give_roles(session, person.id, {coverage: role})
    return await find_person(session, person.id)
