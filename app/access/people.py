"""People: who signs in with an e-mail address, and the roles that they have."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.passwords import fits_hash
from app.access.roles import Caller, NotSignedIn, Role
from app.store import people as record
from app.store.tables import PersonRow

# ASCII: other letters come in look-alikes, and one person must not have two addresses that look
# the same. Names of hosts in other scripts have an ASCII form (RFC 5891).
EMAIL = r"^[!-?A-~]{1,64}@[!-?A-~]{1,189}$"
_EMAIL = re.compile(EMAIL)
_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)


class UnknownPerson(Exception):
    """There is nobody of that id."""


class LastChief(Exception):
    """The only chief who has access would lose the role or the access."""


class EmailTaken(Exception):
    """Somebody of the newsroom has that e-mail address already."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the newsroom; `disabled_at` is when they lost their access.

    `invited_by` is the caller by whose invitation they came; None of the first chief.
    `totp` is whether they have set up an authenticator app, `passkeys` how many passkeys they have.
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

    @property
    def second_factor(self) -> bool:
        """Whether they are asked for a second factor when they sign in."""
        return self.totp or self.passkeys > 0

    @property
    def caller(self) -> Caller:
        """As whom they ask."""
        return Caller(f"person:{self.id}", self.name, self.role, self.coverages)


def normalise_email(address: str) -> str:
    """An address as it is compared: people do not care for capitals."""
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
    """Take somebody in.

    Args:
        session: the transaction.
        email: theirs alone.
        name: as the newsroom knows them, and their byline to begin with.
        role: in the whole newsroom; None for single coverages only.
        now: the time.
        password: its hash; None for who signs in elsewhere.
        invited_by: the caller who gave them the role; None of the first chief.

    Raises:
        EmailTaken: somebody has that address.
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
        raise EmailTaken(f"There is somebody of the address {person.email} already.")
    return person


async def find_person(session: AsyncSession, person_id: str) -> Person:
    """Somebody, with their roles, be it one who lost their access.

    Raises:
        UnknownPerson: there is nobody of that id.
    """
    row = await record.find_person(session, person_id) if _ID.fullmatch(person_id) else None
    if row is None:
        raise UnknownPerson("There is no such person.")
    return await person_of(session, row)


async def find_by_email(session: AsyncSession, email: str) -> Person | None:
    """Who has an address, be it one who lost their access; None for nobody."""
    row = await _row_of(session, email)
    return None if row is None else await person_of(session, row)


async def hold_chiefs(session: AsyncSession) -> set[str]:
    """The ids of the chiefs who have access, held until the transaction ends.

    Else the last two could take the role from each other in the same moment.
    """
    return await record.lock_chiefs(session)


async def is_staffed(session: AsyncSession) -> bool:
    """Whether the newsroom has anybody at all, be it one who lost their access."""
    return not await record.is_empty(session)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is known of an address with which somebody would sign in.

    `person` is None if nobody has it, or whoever had it has lost their access; `password` is the
    hash, None where there is none.
    """

    person: Person | None = None
    password: str | None = None


async def find_credentials(session: AsyncSession, email: str) -> Credentials:
    """What a password is to be checked against."""
    row = await _row_of(session, email)
    if row is None or row.disabled_at is not None:
        return Credentials()
    return Credentials(await person_of(session, row), row.password)


async def check_password(known: Credentials, password: str, *, is_known: bool = False) -> Person:
    """Who signs in. Not to be called in a transaction: it may take seconds.

    Args:
        known: what the password is checked against.
        password: as it was typed.
        is_known: whether the browser is known as theirs: its turn does not wait for strangers'.

    Raises:
        NotSignedIn: the password is not the right one. It does not say whether the address is.
        TooManySignIns: so many sign in that this one has to wait.
    """
    fits = await fits_hash(password, known.password, is_known=is_known)
    if known.person is None or not fits:
        raise NotSignedIn("No one signs in with this address and this password.")
    return known.person


async def confirm_credentials(session: AsyncSession, known: Credentials) -> None:
    """Make sure that a password is still the right one, in the transaction that relies on it.

    Raises:
        NotSignedIn: it was changed, or access was taken, while it was checked.
    """
    assert known.person is not None
    if await find_credentials(session, known.person.email) != known:
        raise NotSignedIn("Your access was changed at this moment. Sign in again.")


async def has_password(session: AsyncSession, person_id: str) -> bool:
    """Whether somebody signs in by a password."""
    row = await record.find_person(session, person_id)
    return row is not None and row.password is not None


async def set_password(session: AsyncSession, person_id: str, digest: str | None) -> None:
    """Give somebody another password, by its hash; None leaves them without one."""
    await record.update_person(session, person_id, {"password": digest})


async def rename_person(session: AsyncSession, person_id: str, name: str) -> None:
    """Give somebody another name."""
    await record.update_person(session, person_id, {"name": name})


async def give_roles(session: AsyncSession, person_id: str, roles: Mapping[str, Role]) -> None:
    """Give somebody roles in coverages where they have none yet."""
    await record.add_roles(session, person_id, roles)


async def person_of(session: AsyncSession, row: PersonRow) -> Person:
    """A row with the roles that belong to it."""
    roles = await record.list_roles(session, row.id)
    return person_from(row, roles, await record.count_passkeys(session, row.id))


def person_from(row: PersonRow, roles: Mapping[str, str], passkeys: int) -> Person:
    """A row, the roles that belong to it by coverage, and how many passkeys do."""
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
    )


async def _row_of(session: AsyncSession, email: str) -> PersonRow | None:
    address = normalise_email(email)
    # What cannot be an address (a NUL, say, which PostgreSQL refuses) is not asked for.
    if not _EMAIL.fullmatch(address):
        return None
    return await record.find_by_email(session, address)
