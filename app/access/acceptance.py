"""Acceptance of invitations: a link creates a person, or signs one in who lost their password."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.challenges import end_challenges
from app.access.invitations import InvitationEnded, find_invitation, mark_used
from app.access.people import Person, add_person, find_person, grant_roles, set_password
from app.access.sessions import end_sessions
from app.store.invitations import end_links_for


@dataclass(frozen=True, slots=True)
class AccountDetails:
    """What the holder of a link typed; `password` is a hash, None for no new password."""

    email: str
    name: str
    password: str | None


async def accept_invitation(
    session: AsyncSession, secret: str, details: AccountDetails, now: datetime
) -> Person:
    """Use a link, which works once.

    Returns:
        The person who signs in by it.

    Raises:
        InvitationEnded: the link is not valid any more; it may have ended since its page was shown.
        EmailTaken: another person has this address; the link can still be used.
    """
    invitation = await find_invitation(session, secret, now, lock=True)
    await mark_used(session, secret, now)
    if invitation.person is not None:
        person = await find_person(session, invitation.person)
        if person.disabled_at is not None:
            raise InvitationEnded("This link has ended.")
        if details.password is not None:
            await replace_password(session, person.id, details.password, now)
        return person
    role, coverage = invitation.role, invitation.coverage
    person = await add_person(
        session,
        invitation.email or details.email,
        details.name,
        None if coverage else role,
        now,
        password=details.password,
        invited_by=invitation.invited_by,
    )
    if coverage is not None and role is not None:
        await grant_roles(session, person.id, {coverage: role})
    return await find_person(session, person.id)


async def replace_password(
    session: AsyncSession, person_id: str, password: str, now: datetime
) -> None:
    """Set a new password, and end all sessions, challenges and open links of the person.

    The links end because an attacker who has got the old password may have got a link as well.

    Args:
        session: the transaction.
        person_id: whose password it is.
        password: the new password's hash.
        now: the current time.
    """
    await set_password(session, person_id, password)
    await end_sessions(session, person_id)
    await end_challenges(session, person_id)
    await end_links_for(session, person_id, now)
