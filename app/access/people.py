"""People of the newsroom: their e-mail addresses, passwords and roles."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.passwords import verify_password
from app.access.roles import Caller, NotSignedIn, Role
from app.formats.rfc3339 import format_time
from app.store import people as record
from app.store.tables import PersonRow

# ASCII only: other alphabets have look-alike letters, and no two addresses may look the same. Host
# names in other scripts have an ASCII form (RFC 5891).
EMAIL = r"^[!-?A-~]{1,64}@[!-?A-~]{1,189}$"
_EMAIL = re.compile(EMAIL)
_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)


class UnknownPerson(Exception):
    """Nobody has that id."""


class LastChief(Exception):
    """The last chief with access would lose the role or the access."""


class EmailTaken(Exception):
    """Another person of the newsroom has that e-mail address."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person of the newsroom.

    `disabled_at` is when their access was revoked, None while they have access. `invited_by` is the
    id of the caller who invited them, None for the first chief. `totp` is whether they have set up
    an authenticator app, `passkeys` the number of their passkeys. `language` is the language of the
    desk that they have chosen (a primary subtag), None if it follows the browser.
    """

    id: str
    email: str
    name: str
    role: Role | None
    created_at: datetime
    disabled_at: datetime | None = None
    coverages: Mapping[str, Role] = field(default_factory=dict)
    invited_by: str | None = None
    totp: bool = False
    passkeys: int = 0
    language: str | None = None

    @property
    def second_factor(self) -> bool:
        """Whether the person needs a second factor to sign in."""
        return self.totp or self.passkeys > 0

    @property
    def caller(self) -> Caller:
        """The caller that the person's requests have."""
        return Caller(f"person:{self.id}", self.name, self.role, self.coverages)


def encode_person(person: Person) -> dict[str, Any]:
    """Encode a person as JSON."""
    times = {
        "created_at": format_time(person.created_at),
        "disabled_at": person.disabled_at and format_time(person.disabled_at),
    }
    return asdict(person) | {"second_factor": person.second_factor} | times


def normalise_email(address: str) -> str:
    """Return the form in which addresses are compared, which ignores case."""
    return address.strip().lower()


async def add_person(
    session: AsyncSession,
    email: str,
    name: str,
    role: Role | None,
    now: datetime,
    *,
    password: str | None = None,
    invited_by: str | None = None,
) -> Person:
    """Add a person to the newsroom.

    Args:
        session: the transaction.
        email: the person's address, which nobody else may have.
        name: the person's name.
        role: the role in the whole newsroom; None for single coverages only.
        now: the current time.
        password: the password's hash; None for a person without a password.
        invited_by: the id of the caller who gave them the role; None for the first chief.

    Raises:
        EmailTaken: another person has that address.
    """
    person = Person(
        secrets.token_hex(8), normalise_email(email), name, role, now, invited_by=invited_by
    )
    values = {
        "id": person.id,
        "email": person.email,
        "name": name,
        "role": role,
        "password": password,
        "invited_by": invited_by,
        "totp_wrong": 0,
        "created_at": now,
    }
    if not await record.add_person(session, values):
        raise EmailTaken(f"Somebody already has the address {person.email}.")
    return person


async def find_person(session: AsyncSession, person_id: str) -> Person:
    """Find a person by id, with or without access.

    Raises:
        UnknownPerson: nobody has that id.
    """
    row = await record.find_person(session, person_id) if _ID.fullmatch(person_id) else None
    if row is None:
        raise UnknownPerson("There is no such person.")
    return await person_of(session, row)


async def find_by_email(session: AsyncSession, email: str) -> Person | None:
    """Find a person by address, with or without access; None if nobody has it."""
    row = await _row_of(session, email)
    return None if row is None else await person_of(session, row)


async def lock_chiefs(session: AsyncSession) -> set[str]:
    """Lock the chiefs who have access until the transaction ends, and return their ids.

    Without the lock, the last two chiefs could take the role from each other concurrently.
    """
    return await record.lock_chiefs(session)


async def has_people(session: AsyncSession) -> bool:
    """Whether the newsroom has any people, with or without access."""
    return not await record.is_empty(session)


@dataclass(frozen=True, slots=True)
class Credentials:
    """The person and password hash of an address that a client tries to sign in with.

    `person` is None if nobody with access has the address; `password` is None if there is no hash.
    """

    person: Person | None = None
    password: str | None = None


async def find_credentials(session: AsyncSession, email: str) -> Credentials:
    """Find what a password for this address is checked against."""
    row = await _row_of(session, email)
    if row is None or row.disabled_at is not None:
        return Credentials()
    return Credentials(await person_of(session, row), row.password)


async def check_password(known: Credentials, password: str, *, is_known: bool = False) -> Person:
    """Check a password and return its owner. Do not call this in a transaction: it takes seconds.

    Args:
        known: what the password is checked against.
        password: the password as it was typed.
        is_known: whether the client is known as the person's, which uses the queue for known ones.

    Raises:
        NotSignedIn: the address or the password is wrong; the message does not say which.
        TooManySignIns: too many sign-ins are waiting.
    """
    fits = await verify_password(password, known.password, is_known=is_known)
    if known.person is None or not fits:
        raise NotSignedIn("No one signs in with this address and this password.")
    return known.person


async def confirm_credentials(session: AsyncSession, known: Credentials) -> None:
    """Check that credentials are still valid, in the transaction that relies on them.

    Raises:
        NotSignedIn: the password was changed or the access revoked while the password was checked.
    """
    assert known.person is not None
    if await find_credentials(session, known.person.email) != known:
        raise NotSignedIn("Your access has just been changed. Sign in again.")


async def has_password(session: AsyncSession, person_id: str) -> bool:
    """Whether a person has a password."""
    row = await record.find_person(session, person_id)
    return row is not None and row.password is not None


async def set_password(session: AsyncSession, person_id: str, digest: str | None) -> None:
    """Set the hash of a person's password; None removes the password."""
    await record.update_person(session, person_id, {"password": digest})


async def rename_person(session: AsyncSession, person_id: str, name: str) -> None:
    """Change a person's name."""
    await record.update_person(session, person_id, {"name": name})


async def choose_language(session: AsyncSession, person_id: str, language: str | None) -> None:
    """Set the language of the desk for a person; None follows the browser."""
    await record.update_person(session, person_id, {"language": language})


async def grant_roles(session: AsyncSession, person_id: str, roles: Mapping[str, Role]) -> None:
    """Give a person roles in coverages where they have none yet, by slug."""
    await record.add_roles(session, person_id, roles)


async def person_of(session: AsyncSession, row: PersonRow) -> Person:
    """Convert a row to a person, with the roles and passkeys read from the database."""
    roles = await record.list_roles(session, row.id)
    return person_from(row, roles, await record.count_passkeys(session, row.id))


def person_from(row: PersonRow, roles: Mapping[str, str], passkeys: int) -> Person:
    """Convert a row to a person, with given roles by coverage and number of passkeys."""
    return Person(
        row.id,
        row.email,
        row.name,
        row.role,  # type: ignore[arg-type]
        row.created_at,
        row.disabled_at,
        dict(sorted(roles.items())),  # type: ignore[arg-type]
        row.invited_by,
        row.totp_since is not None,
        passkeys,
        row.language,
    )


async def _row_of(session: AsyncSession, email: str) -> PersonRow | None:
    address = normalise_email(email)
    # Text that cannot be an address is not queried: PostgreSQL refuses a NUL, for instance.
    if not _EMAIL.fullmatch(address):
        return None
    return await record.find_by_email(session, address)
