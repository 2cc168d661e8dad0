"""Passkeys: register, use, rename and remove them, and end the sessions that depend on them.

A passkey counts as both factors. It belongs to the host at which it was made (`rp_id`): after the
newsroom has moved to another host, it is still listed but cannot be used. The sessions for which a
passkey was used end when it is removed.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.passkey_challenges import Purpose, use_challenge
from app.access.passkey_errors import PasskeyRefused
from app.access.people import Person, find_person
from app.access.roles import NotAllowed
from app.access.second_factor import end_unused_codes
from app.access.sessions import end_sessions_by
from app.store import passkeys as record
from app.store.tables import PasskeyRow

MOST = 20  # passkeys of one person
_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)


class UnknownPasskey(Exception):
    """The person has no passkey of that id."""


class TooManyPasskeys(NotAllowed):
    """The person has the maximal number of passkeys."""


@dataclass(frozen=True, slots=True)
class NewCredential:
    """A new credential of a device: its id, its public key and its signature counter."""

    id: bytes
    public_key: bytes
    sign_count: int


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey; `person` is its owner's id, `public_key` has the form for `verify_assertion`."""

    id: str
    credential: bytes
    person: str
    rp_id: str
    name: str
    public_key: bytes
    sign_count: int
    created_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class VerifiedAssertion:
    """A verified signature of a passkey; it has no effect before `use_passkey`."""

    passkey: Passkey
    challenge: bytes
    sign_count: int


async def list_passkeys(session: AsyncSession, person_id: str) -> list[Passkey]:
    """List a person's passkeys, oldest first."""
    return [_passkey(row) for row in await record.list_passkeys(session, person_id)]


async def find_passkey(session: AsyncSession, credential: bytes) -> Passkey | None:
    """Find a passkey by its credential id; None if there is none."""
    row = await record.find_by_credential(session, credential)
    return None if row is None else _passkey(row)


async def check_passkey_limit(session: AsyncSession, person_id: str) -> None:
    """Check that a person may have one more passkey.

    Raises:
        TooManyPasskeys: the person has the maximal number.
    """
    if len(await list_passkeys(session, person_id)) >= MOST:
        raise TooManyPasskeys(f"You have {MOST} passkeys: remove one first.")


async def add_passkey(
    session: AsyncSession,
    person_id: str,
    rp_id: str,
    name: str,
    credential: NewCredential,
    now: datetime,
) -> Passkey:
    """Register a passkey for a person.

    Args:
        session: the transaction, in which its challenge was used.
        person_id: the owner.
        rp_id: the host for which it was made.
        name: the owner's name for the device.
        credential: the verified credential.
        now: the current time.

    Raises:
        PasskeyRefused: the credential is registered already, for anybody.
        TooManyPasskeys: the person has the maximal number.
    """
    await check_passkey_limit(session, person_id)
    new = Passkey(
        secrets.token_hex(8),
        credential.id,
        person_id,
        rp_id,
        name,
        credential.public_key,
        credential.sign_count,
        now,
    )
    values = {field: getattr(new, field) for field in Passkey.__slots__}
    if not await record.add_passkey(session, values):
        raise PasskeyRefused("taken", "This passkey is registered already.")
    return new


async def use_passkey(
    session: AsyncSession,
    key: bytes,
    assertion: VerifiedAssertion,
    purpose: Purpose,
    holder: bytes,
    now: datetime,
) -> Person | PasskeyRefused:
    """Accept a passkey's signature, once.

    Args:
        session: the transaction; the caller commits it even after a refusal, so that the challenge
            counts as used.
        key: the newsroom's key for challenges.
        assertion: the verified signature.
        purpose: the purpose that the signature has to be valid for.
        holder: the browser that sent it, from `holder_of`.
        now: the current time.

    Returns:
        The passkey's owner; or the refusal, if the challenge is not valid for this browser, the
        passkey was removed, the owner's access was revoked, or the device's signature counter did
        not increase, which indicates a copy of the passkey.
    """
    if refusal := await use_challenge(session, key, assertion.challenge, purpose, holder, now):
        return refusal
    passkey = assertion.passkey
    row = await record.lock_passkey(session, passkey.id)
    if row is None or row.person != passkey.person:
        return unknown_passkey()
    person = await find_person(session, passkey.person)
    if person.disabled_at is not None:
        return unknown_passkey()
    counts = assertion.sign_count or row.sign_count
    if counts and assertion.sign_count <= row.sign_count:
        return PasskeyRefused(
            "sign count",
            "This passkey was refused: there may be a copy of it. Sign in another way, and remove"
            " it.",
        )
    await record.save_use(session, passkey.id, assertion.sign_count, now)
    return person


def unknown_passkey() -> PasskeyRefused:
    """Return the refusal of a passkey that cannot sign anybody in, whatever the cause."""
    return PasskeyRefused(
        "unknown", "This passkey is not known here, or was removed. Sign in another way."
    )


async def rename_passkey(session: AsyncSession, person_id: str, passkey_id: str, name: str) -> None:
    """Rename one of a person's passkeys.

    Raises:
        UnknownPasskey: the person has no passkey of that id.
    """
    if not await record.rename_passkey(session, person_id, _own(passkey_id), name):
        raise UnknownPasskey("There is no such passkey.")


async def remove_passkey(session: AsyncSession, person_id: str, passkey_id: str) -> None:
    """Remove one of a person's passkeys, and end the sessions for which it was used.

    Raises:
        UnknownPasskey: the person has no passkey of that id.
    """
    if not await record.remove_passkey(session, person_id, _own(passkey_id)):
        raise UnknownPasskey("There is no such passkey.")
    await end_sessions_by(session, passkey_id)
    await end_unused_codes(session, person_id)


async def remove_passkeys(
    session: AsyncSession, person_id: str, since: datetime | None = None
) -> None:
    """Remove a person's passkeys, and end the sessions for which they were used.

    Args:
        session: the transaction.
        person_id: the owner.
        since: only those made at this time or later; None for all.
    """
    for passkey in await list_passkeys(session, person_id):
        if since is None or passkey.created_at >= since:
            await remove_passkey(session, person_id, passkey.id)


def _own(passkey_id: str) -> str:
    # Text that cannot be an id is not queried: PostgreSQL refuses a NUL, for instance.
    return passkey_id if _ID.fullmatch(passkey_id) else ""


def _passkey(row: PasskeyRow) -> Passkey:
    return Passkey(**{field: getattr(row, field) for field in Passkey.__slots__})
