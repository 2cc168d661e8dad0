"""Whom the newsroom knows by the word of its identity provider.

Somebody is known by the provider's own name for them. The first time that is, by an e-mail address
that the provider has seen to be theirs, and that somebody of the newsroom has, or an invitation
that is open. Refuses everybody else.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.people import Person, add_person, normalise_email, person_of
from app.access.provider import Identity
from app.access.roles import NotAllowed, Role
from app.store.people import CoverageRoleRow, InvitationRow, PersonRow


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
    query = select(PersonRow).where(PersonRow.subject == identity.subject)
    row = (await session.exec(query)).first()
    if row is None and identity.email is not None:
        query = select(PersonRow).where(PersonRow.email == normalise_email(identity.email))
        row = (await session.exec(query)).first()
        if row is None:
            return await _take_in(session, identity, identity.email, now)
    # Somebody's address may be given to somebody else later: it opens no door that is taken.
    if row is None or row.disabled_at is not None or row.subject not in {None, identity.subject}:
        raise _stranger(identity)
    if row.subject is None:
        row.subject = identity.subject
        await session.flush()
    return Admission(await person_of(session, row))


async def _take_in(
    session: AsyncSession, identity: Identity, email: str, now: datetime
) -> Admission:
    row = InvitationRow
    is_open = (col(row.used_at).is_(None), col(row.ends_at) > now)
    query = select(row).where(row.email == normalise_email(email), *is_open)
    invitation = (await session.exec(query.order_by(col(row.created_at).desc()))).first()
    if invitation is None:
        raise _stranger(identity)
    used = update(row).where(col(row.digest) == invitation.digest, *is_open).values(used_at=now)
    if (await session.exec(used)).rowcount != 1:  # somebody has just used it
        raise _stranger(identity)
    role: Role | None = None if invitation.coverage else invitation.role  # type: ignore[assignment]
    name = identity.name or email.partition("@")[0]
    person = await add_person(session, email, name, role, now)
    where = col(PersonRow.id) == person.id
    await session.exec(update(PersonRow).where(where).values(subject=identity.subject))
    if invitation.coverage and invitation.role:
        session.add(
            CoverageRoleRow(person=person.id, coverage=invitation.coverage, role=invitation.role)
        )
        await session.flush()
    found = await session.get_one(PersonRow, person.id)
    return Admission(await person_of(session, found), invitation.id)


def _stranger(identity: Identity) -> NotAllowed:
    if identity.email is None:
        return NotAllowed(
            "The identity provider names no e-mail address of yours that it has verified, and you"
            " have not signed in here before."
        )
    return NotAllowed(
        f"Nobody who may sign in here has the address {identity.email}. Ask a chief to invite you."
    )
