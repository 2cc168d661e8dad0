"""The person table, and the table of their roles in single coverages."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.inserts import insert_new, insert_rows
from app.store.tables import CoverageRoleRow, PasskeyRow, PersonRow


async def add_person(session: AsyncSession, row: Mapping[str, object]) -> bool:
    """Store a new person; false if the e-mail address or another unique value is taken."""
    return await insert_new(session, PersonRow, row)


async def find_person(
    session: AsyncSession, person_id: str, *, lock: bool = False, share: bool = False
) -> PersonRow | None:
    """A person by id; None if there is none.

    Args:
        session: the session to read in.
        person_id: the person's id.
        lock: lock the row until the transaction ends.
        share: take a shared lock on the row until the transaction ends.
    """
    row_lock: Any = {"read": True} if share else lock or None
    return await session.get(PersonRow, person_id, with_for_update=row_lock)


async def find_by_email(session: AsyncSession, email: str) -> PersonRow | None:
    """The person with an e-mail address, which is in lower case; None if there is none."""
    return (await session.exec(select(PersonRow).where(PersonRow.email == email))).first()


async def find_by_subject(session: AsyncSession, subject: str) -> PersonRow | None:
    """The person with this subject at the identity provider; None if there is none."""
    return (await session.exec(select(PersonRow).where(PersonRow.subject == subject))).first()


async def list_people(session: AsyncSession) -> Sequence[PersonRow]:
    """All people, by name."""
    query = select(PersonRow).order_by(col(PersonRow.name), col(PersonRow.email))
    return (await session.exec(query)).all()


async def list_invited_by(session: AsyncSession, maker: str) -> Sequence[PersonRow]:
    """The people whom a caller invited."""
    return (await session.exec(select(PersonRow).where(PersonRow.invited_by == maker))).all()


async def lock_chiefs(session: AsyncSession) -> set[str]:
    """The ids of the chiefs who have access; their rows are locked until the transaction ends."""
    query = (
        select(PersonRow.id)
        .where(PersonRow.role == "chief", col(PersonRow.disabled_at).is_(None))
        .order_by(col(PersonRow.id))
        .with_for_update()
    )
    return set(await session.exec(query))


async def is_empty(session: AsyncSession) -> bool:
    """Whether the newsroom has no people at all."""
    return (await session.exec(select(PersonRow.id).limit(1))).first() is None


async def update_person(session: AsyncSession, person_id: str, values: Mapping[str, Any]) -> None:
    """Set columns of a person's row."""
    await session.exec(update(PersonRow).where(col(PersonRow.id) == person_id).values(**values))


async def disable_person(session: AsyncSession, person_id: str, at: datetime) -> None:
    """Disable a person's access, unless it is already disabled."""
    active = (col(PersonRow.id) == person_id, col(PersonRow.disabled_at).is_(None))
    await session.exec(update(PersonRow).where(*active).values(disabled_at=at))


async def list_names(session: AsyncSession, ids: Collection[str]) -> dict[str, str]:
    """The names of people, by id; unknown ids are left out."""
    query = select(PersonRow.id, PersonRow.name).where(col(PersonRow.id).in_(ids))
    return dict((await session.exec(query)).all())


async def list_roles(session: AsyncSession, person_id: str) -> dict[str, str]:
    """A person's roles in single coverages, by slug."""
    query = select(CoverageRoleRow).where(CoverageRoleRow.person == person_id)
    return {grant.coverage: grant.role for grant in await session.exec(query)}


async def list_all_roles(session: AsyncSession) -> dict[str, dict[str, str]]:
    """All people's roles in single coverages, by person and slug."""
    roles: dict[str, dict[str, str]] = defaultdict(dict)
    for grant in await session.exec(select(CoverageRoleRow)):
        roles[grant.person][grant.coverage] = grant.role
    return roles


async def add_roles(session: AsyncSession, person_id: str, roles: Mapping[str, str]) -> None:
    """Give a person roles in coverages in which they have none yet."""
    rows = [{"person": person_id, "coverage": slug, "role": role} for slug, role in roles.items()]
    await insert_rows(session, CoverageRoleRow, rows)


async def remove_roles(session: AsyncSession, person_id: str) -> None:
    """Remove all of a person's roles in single coverages."""
    await session.exec(delete(CoverageRoleRow).where(col(CoverageRoleRow.person) == person_id))


async def count_passkeys(session: AsyncSession, person_id: str) -> int:
    """The number of a person's passkeys."""
    query = select(func.count()).where(col(PasskeyRow.person) == person_id)
    return (await session.exec(query)).one()


async def count_all_passkeys(session: AsyncSession) -> dict[str, int]:
    """The numbers of passkeys, by person; people without one are left out."""
    query = select(PasskeyRow.person, func.count()).group_by(col(PasskeyRow.person))
    return dict((await session.exec(query)).all())
