"""The roster: all the people of the newsroom, and what chiefs change about them.

Refuses to leave the newsroom without a chief: nobody could give the role out any more.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.invitations import end_invitations_of
from app.access.people import Person, find_person, give_roles, person_from
from app.access.roles import Role
from app.access.sessions import end_sessions
from app.store.coverages import find_coverage
from app.store.people import CoverageRoleRow, PersonRow


class LastChief(Exception):
    """The only chief who has access would lose the role or the access."""


class PersonFields(TypedDict, total=False):
    """What may be changed of somebody; `coverages` takes the place of all that they had."""

    name: str
    role: Role | None
    coverages: Mapping[str, Role]
    disabled: bool


async def list_people(session: AsyncSession) -> list[Person]:
    """Everybody, also those who lost their access, by name."""
    roles: dict[str, dict[str, str]] = defaultdict(dict)
    for grant in await session.exec(select(CoverageRoleRow)):
        roles[grant.person][grant.coverage] = grant.role
    query = select(PersonRow).order_by(col(PersonRow.name), col(PersonRow.email))
    return [person_from(row, roles[row.id]) for row in await session.exec(query)]


async def change_person(
    session: AsyncSession, person_id: str, fields: PersonFields, now: datetime
) -> Person:
    """Change somebody's name, roles or access.

    Who loses their access is signed out everywhere at once, and the invitations that they gave out
    end.

    Raises:
        UnknownPerson: there is nobody of that id.
        UnknownCoverage: there is no coverage of one of the slugs.
        LastChief: nobody else could give out roles any more.
    """
    chiefs = await _hold_chiefs(session)
    person = await find_person(session, person_id)
    values: dict[str, Any] = {n: fields[n] for n in ("name", "role") if n in fields}
    disabled = fields.get("disabled", person.disabled_at is not None)
    if disabled != (person.disabled_at is not None):
        values["disabled_at"] = now if disabled else None
    if chiefs == {person_id} and (disabled or values.get("role", "chief") != "chief"):
        raise LastChief(f"{person.name} is the only chief: make somebody else one first.")
    if values:
        await session.exec(update(PersonRow).where(_is(person_id)).values(values))
    if "coverages" in fields:
        await _give_roles(session, person_id, fields["coverages"])
    if disabled:
        await end_sessions(session, person_id)
        await end_invitations_of(session, person, now)
    session.expire_all()
    return await find_person(session, person_id)


def _is(person_id: str) -> Any:
    return col(PersonRow.id) == person_id


async def _hold_chiefs(session: AsyncSession) -> set[str]:
    """The chiefs who have access, held until the transaction ends.

    Else the last two could take the role from each other in the same moment.
    """
    query = (
        select(PersonRow.id)
        .where(PersonRow.role == "chief", col(PersonRow.disabled_at).is_(None))
        .order_by(col(PersonRow.id))
        .with_for_update()
    )
    return set(await session.exec(query))


async def _give_roles(session: AsyncSession, person_id: str, roles: Mapping[str, Role]) -> None:
    for slug in roles:
        await find_coverage(session, slug)
    await session.exec(delete(CoverageRoleRow).where(col(CoverageRoleRow.person) == person_id))
    await give_roles(session, person_id, roles)
