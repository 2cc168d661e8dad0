"""The roster: all the people of the newsroom, and what chiefs change about them.

Refuses to leave the newsroom without a chief: nobody could give the role out any more.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.people import (
    LastChief,
    Person,
    find_person,
    give_roles,
    hold_chiefs,
    person_from,
)
from app.access.revocation import disable_person
from app.access.roles import Role
from app.store import people as record
from app.store.coverages import find_coverage
from app.store.invitations import end_links_by


class PersonFields(TypedDict, total=False):
    """What may be changed of somebody; `coverages` takes the place of all that they had."""

    name: str
    role: Role | None
    coverages: Mapping[str, Role]
    disabled: bool


async def list_people(session: AsyncSession) -> list[Person]:
    """Everybody, also those who lost their access, by name."""
    roles = await record.list_all_roles(session)
    passkeys = await record.count_all_passkeys(session)
    return [
        person_from(row, roles.get(row.id, {}), passkeys.get(row.id, 0))
        for row in await record.list_people(session)
    ]


async def change_person(
    session: AsyncSession, person_id: str, fields: PersonFields, now: datetime
) -> Person:
    """Change somebody's name, roles or access.

    Who loses their access is signed out everywhere at once. The open links that somebody gave out
    end with their access, and with the role of a chief.

    Raises:
        UnknownPerson: there is nobody of that id.
        UnknownCoverage: there is no coverage of one of the slugs.
        LastChief: nobody else could give out roles any more.
    """
    chiefs = await hold_chiefs(session)
    person = await find_person(session, person_id)
    values: dict[str, Any] = {n: fields[n] for n in ("name", "role") if n in fields}
    disabled = fields.get("disabled", person.disabled_at is not None)
    if not disabled:
        values["disabled_at"] = None
    if chiefs == {person_id} and (disabled or values.get("role", "chief") != "chief"):
        raise LastChief(f"{person.name} is the only chief: make somebody else one first.")
    if values:
        await record.update_person(session, person_id, values)
    if "coverages" in fields:
        await _give_roles(session, person_id, fields["coverages"])
    if disabled:
        await disable_person(session, person_id, now)
    elif person.role == "chief" and values.get("role", "chief") != "chief":
        await end_links_by(session, person.caller.id, now)
    session.expire_all()
    return await find_person(session, person_id)


async def _give_roles(session: AsyncSession, person_id: str, roles: Mapping[str, Role]) -> None:
    for slug in roles:
        await find_coverage(session, slug)
    await record.remove_roles(session, person_id)
    await give_roles(session, person_id, roles)
