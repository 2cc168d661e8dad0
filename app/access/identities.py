"""Whom the newsroom knows by the word of its identity provider.

Somebody is known by the provider's own name for them. The first time that is, by an e-mail address
that the provider has seen to be theirs, and that somebody of the newsroom has, or an invitation
that is open. Refuses everybody else.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.makers import may_give_roles
from app.access.people import Person, add_person, find_person, give_roles, normalise_email
from app.access.provider import Identity
from app.access.roles import NotAllowed, Role
from app.store.people import InvitationRow, PersonRow


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
    row = await _find(session, PersonRow.subject == identity.subject)
    if row is None and identity.email is not None:
        row = await _find(session, PersonRow.email == normalise_email(identity.email))
        if row is None:
            return await _take_in(session, identity, identity.email, now)
    # Somebody's address may be given to somebody else later: it opens no door that is taken.
    if row is None or row.disabled_at is not None or row.subject not in {None, identity.subject}:
        raise _stranger(identity)
    if row.subject is None:
        await _bind(session, row.id, identity)
    return Admission(await find_person(session, row.id))


async def _find(session: AsyncSession, where: ColumnElement[bool] | bool) -> PersonRow | None:
    return (await session.exec(select(PersonRow).where(where))).first()


async def _bind(session: AsyncSession, person_id: str, identity: Identity) -> None:
    where = col(PersonRow.id) == person_id
    await session.exec(update(PersonRow).where(where).values(subject=identity.subject))


async def _take_in(
    session: AsyncSession, identity: Identity, email: str, now: datetime
) -> Admission:
    row = InvitationRow
    is_open = (col(row.used_at).is_(None), col(row.ends_at) > now, col(row.person).is_(None))
    query = select(row).where(row.email == normalise_email(email), *is_open)
    # Held, so that its link is not used in the same moment.
    query = query.order_by(col(row.created_at).desc()).with_for_update()
    for found in await session.exec(query):
        if found.invited_by and await may_give_roles(session, found.invited_by, lock=True):
            break
    else:
        raise _stranger(identity)
    coverage, role = found.coverage, cast("Role | None", found.role)
    its = col(row.digest) == found.digest
    await session.exec(update(row).where(its).values(used_at=now))
    name = identity.name or email.partition("@")[0]
    person = await add_person(
        session, email, name, None if coverage else role, now, invited_by=found.invited_by
    )
    if coverage and role:
        await give_roles(session, person.id, {coverage: role})
    await _bind(session, person.id, identity)
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
