"""People: who signs in with an e-mail address, and the roles that they have.

Passwords are kept as argon2id hashes. Checking one takes tens of milliseconds of a processor, so
that happens in a thread, and as long for an address that nobody has: how long an answer takes does
not tell who works here.
"""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pwdlib import PasswordHash
from sqlalchemy import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.roles import Caller, NotSignedIn, Role
from app.store.people import CoverageRoleRow, PersonRow

_hashes = PasswordHash.recommended()
_NOBODYS = _hashes.hash(secrets.token_hex(16))


class UnknownPerson(Exception):
    """There is nobody of that id."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the newsroom; `disabled_at` is when they lost their access."""

    id: str
    email: str
    name: str
    role: Role | None
    created_at: datetime
    disabled_at: datetime | None = None
    coverages: Mapping[str, Role] = field(default_factory=dict)

    @property
    def caller(self) -> Caller:
        """As whom they ask."""
        return Caller(f"person:{self.id}", self.name, self.role, self.coverages)


def normalise_email(address: str) -> str:
    """An address as it is compared: people do not care for capitals."""
    return address.strip().lower()


async def hash_password(password: str) -> str:
    """What is kept of a password."""
    return await asyncio.to_thread(_hashes.hash, password)


async def add_person(
    session: AsyncSession,
    email: str,
    name: str,
    role: Role | None,
    now: datetime,
    *,
    password: str | None = None,
) -> Person:
    """Take somebody in.

    Args:
        session: the transaction.
        email: theirs alone.
        name: as the newsroom knows them, and their byline to begin with.
        role: in the whole newsroom; None for single coverages only.
        now: the time.
        password: its hash; None for who signs in elsewhere.
    """
    person = Person(secrets.token_hex(8), normalise_email(email), name, role, now)
    values = {
        "id": person.id,
        "email": person.email,
        "name": name,
        "role": role,
        "password": password,
        "created_at": now,
    }
    await session.exec(insert(PersonRow).values(values))
    return person


async def find_person(session: AsyncSession, person_id: str) -> Person:
    """Somebody, with their roles, be it one who lost their access.

    Raises:
        UnknownPerson: there is nobody of that id.
    """
    row = await session.get(PersonRow, person_id)
    if row is None:
        raise UnknownPerson("There is no such person.")
    return await person_of(session, row)


async def find_by_email(session: AsyncSession, email: str) -> Person | None:
    """Whoever has that address, be it one who lost their access; None if nobody has."""
    query = select(PersonRow).where(PersonRow.email == normalise_email(email))
    row = (await session.exec(query)).first()
    return None if row is None else await person_of(session, row)


async def check_password(session: AsyncSession, email: str, password: str) -> Person:
    """Who signs in.

    Raises:
        NotSignedIn: nobody has that address and that password. It does not say which is wrong.
    """
    query = select(PersonRow).where(
        PersonRow.email == normalise_email(email), col(PersonRow.disabled_at).is_(None)
    )
    row = (await session.exec(query)).first()
    known = row.password if row is not None and row.password else None
    fits = await asyncio.to_thread(_hashes.verify, password, known or _NOBODYS)
    if row is None or known is None or not fits:
        raise NotSignedIn("No one signs in with this address and this password.")
    return await person_of(session, row)


async def person_of(session: AsyncSession, row: PersonRow) -> Person:
    """A row with the roles that belong to it."""
    query = select(CoverageRoleRow).where(CoverageRoleRow.person == row.id)
    roles: dict[str, Role] = {
        grant.coverage: grant.role  # type: ignore[misc]
        for grant in await session.exec(query)
    }
    role: Role | None = row.role  # type: ignore[assignment]
    return Person(row.id, row.email, row.name, role, row.created_at, row.disabled_at, roles)
