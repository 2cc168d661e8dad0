"""Whom the newsroom knows by the word of its identity provider.

Somebody is known by the provider's own name for them. The first time that is, by an e-mail address
that the provider has seen to be theirs, and that somebody of the newsroom has, or an invitation
that is open. Refuses everybody else.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.makers import may_give_roles
from app.access.oidc import Identity
from app.access.people import Person, add_person, find_person, give_roles, normalise_email
from app.access.roles import NotAllowed, Role
from app.store.invitations import list_open_for, use_invitation
from app.store.people import find_by_email, find_by_subject, update_person


@dataclass(frozen=True, slots=True)
class Admission:
    """Who is let in, and the invitation that it took; None for who was there before."""

    person: Person
    invitation: str | None = None


async def admit_identity(session: AsyncSession, identity: Identity, now: datetime) -> Admission:
    """Let somebody in.

    Raises:
        NotAllowed: they are nobody of this newsroom, or not any more.
    """
    row = await find_by_subject(session, identity.subject)
    if row is None and identity.email is not None:
        row = await find_by_email(session, normalise_email(identity.email))
        if row is None:
            return await _take_in(session, identity, identity.email, now)
    # Somebody's address may be given to somebody else later: it opens no door that is taken.
    if row is None or row.disabled_at is not None or row.subject not in {None, identity.subject}:
        raise _stranger(identity)
    if row.subject is None:
        await update_person(session, row.id, {"subject": identity.subject})
    return Admission(await find_person(session, row.id))


async def _take_in(
    session: AsyncSession, identity: Identity, email: str, now: datetime
) -> Admission:
    for found in await list_open_for(session, normalise_email(email), now):
        if found.invited_by and await may_give_roles(session, found.invited_by, lock=True):
            break
    else:
        raise _stranger(identity)
    coverage, role = found.coverage, cast("Role | None", found.role)
    await use_invitation(session, found.digest, now)
    name = identity.name or email.partition("@")[0]
    person = await add_person(
        session, email, name, None if coverage else role, now, invited_by=found.invited_by
    )
    if coverage and role:
        await give_roles(session, person.id, {coverage: role})
    await update_person(session, person.id, {"subject": identity.subject})
    return Admission(await find_person(session, person.id), found.id)


def _stranger(identity: Identity) -> NotAllowed:
    if identity.email is None:
        return NotAllowed(
            "The identity provider names no e-mail address of yours that it has verified, and you"
            " have not signed in here before."
        )
    return NotAllowed(
        f"Nobody who may sign in here has the address {identity.email}. Ask a chief to invite you."
    )
