"""Single sign-on accounts: match identities of the identity provider to people of the newsroom.

A person is recognised by the provider's subject. At the first sign-in the subject is not known yet;
then an e-mail address that the provider has verified has to be that of a person of the newsroom or
of an open invitation. All others are refused.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.makers import may_grant_roles
from app.access.oidc import Identity
from app.access.people import Person, add_person, find_person, grant_roles, normalise_email
from app.access.roles import NotAllowed, Role
from app.store.invitations import list_open_for, use_invitation
from app.store.people import find_by_email, find_by_subject, update_person


@dataclass(frozen=True, slots=True)
class Admission:
    """The person who signs in, and the id of the invitation that was used; None without one."""

    person: Person
    invitation: str | None = None


async def admit_identity(session: AsyncSession, identity: Identity, now: datetime) -> Admission:
    """Find or add the person of an identity.

    Raises:
        NotAllowed: nobody in this newsroom with access matches the identity.
    """
    email = identity.email
    row = await find_by_subject(session, identity.subject)
    if row is None and email is not None:
        row = await find_by_email(session, normalise_email(email))
    # A provider may reassign an address: it does not match a person bound to another subject.
    if row is not None and row.disabled_at is None and row.subject in {None, identity.subject}:
        if row.subject is None:
            await update_person(session, row.id, {"subject": identity.subject})
        return Admission(await find_person(session, row.id))
    if row is not None or email is None:
        raise _no_account(identity)
    for invitation in await list_open_for(session, normalise_email(email), now):
        if invitation.invited_by and await may_grant_roles(
            session, invitation.invited_by, lock=True
        ):
            break
    else:
        raise _no_account(identity)
    coverage, role = invitation.coverage, cast("Role | None", invitation.role)
    await use_invitation(session, invitation.digest, now)
    name = identity.name or email.partition("@")[0]
    invited_by = invitation.invited_by
    person = await add_person(
        session, email, name, None if coverage else role, now, invited_by=invited_by
    )
    if coverage and role:
        await grant_roles(session, person.id, {coverage: role})
    await update_person(session, person.id, {"subject": identity.subject})
    return Admission(await find_person(session, person.id), invitation.id)


def _no_account(identity: Identity) -> NotAllowed:
    if identity.email is None:
        return NotAllowed(
            "The identity provider has sent no verified e-mail address of yours, and you have not"
            " signed in here before."
        )
    return NotAllowed(
        f"Nobody who may sign in here has the address {identity.email}. Ask a chief to invite you."
    )
