"""Directory: list the people of the newsroom, and change their names, roles and access.

The last chief cannot lose the role or the access: nobody could assign roles any more.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.people import (
    LastChief,
    Person,
    find_person,
    grant_roles,
    lock_chiefs,
    person_from,
)
from app.access.revocation import disable_person
from app.access.roles import Role
from app.store import people as record
from app.store.coverages import find_coverage
from app.store.invitations import end_links_by


class PersonFields(TypedDict, total=False):
    """The changeable members of a person; `coverages` replaces all roles in single coverages."""

    name: str
    role: Role | None
    coverages: Mapping[str, Role]
    disabled: bool


async def list_people(session: AsyncSession) -> list[Person]:
    """List all people by name, including those whose access was revoked."""
    roles = await record.list_all_roles(session)
    passkeys = await record.count_all_passkeys(session)
    return [
        person_from(row, roles.get(row.id, {}), passkeys.get(row.id, 0))
        for row in await record.list_people(session)
    ]


async def change_person(
    session: AsyncSession, person_id: str, fields: PersonFields, now: datetime
) -> Person:
    """Change a person's name, roles or access.

    A person whose access is revoked is signed out everywhere at once. A person's open invitation
    links end when the person loses their access or the role of chief.

    Raises:
        UnknownPerson: nobody has that id.
        UnknownCoverage: no coverage has one of the slugs.
        LastChief: the newsroom would be left without a chief.
    """
    chiefs = await lock_chiefs(session)
    person = await find_person(session, person_id)
    values: dict[str, Any] = {n: fields[n] for n in ("name", "role") if n in fields}
    disabled = fields.get("disabled", person.disabled_at is not None)
    if not disabled:
        values["disabled_at"] = None
    if chiefs == {person_id} and (disabled or values.get("role", "chief") != "chief"):
        raise LastChief(f"{person.name} is the only chief: make somebody else a chief first.")
    if values:
        await record.update_person(session, person_id, values)
    if "coverages" in fields:
        for slug in fields["coverages"]:
            await find_coverage(session, slug)
        await record.remove_roles(session, person_id)
        await grant_roles(session, person_id, fields["coverages"])
    if disabled:
        await disable_person(session, person_id, now)
    elif person.role == "chief" and values.get("role", "chief") != "chief":
        await end_links_by(session, person.caller.id, now)
    session.expire_all()
    return await find_person(session, person_id)
