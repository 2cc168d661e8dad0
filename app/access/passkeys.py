"""Passkeys of people: which they have, and what becomes of the sessions that one has opened.

A passkey stands for both factors. It belongs to the address at which it was made (`rp_id`): after
the newsroom has moved to another host it is listed, and of no use. Sessions for which a passkey was
shown end with it.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.passkey_challenges import Purpose, use_challenge
from app.access.people import Person, find_person
from app.access.roles import NotAllowed
from app.access.second_factor import end_unused_codes
from app.access.sessions import end_sessions_by
from app.access.webauthn import NewCredential, PasskeyRefused
from app.store import passkeys as record
from app.store.tables import PasskeyRow

MOST = 20  # of one person
_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)


class UnknownPasskey(Exception):
    """The person has no passkey of that id."""


class TooManyPasskeys(NotAllowed):
    """Somebody has as many passkeys as they may have."""


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey; `person` is whose, by id, `public_key` what `verify_assertion` takes."""

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
class Proof:
    """A signature of a passkey that was verified, and does not count before `use_passkey`."""

    passkey: Passkey
    challenge: bytes
    sign_count: int


async def list_passkeys(session: AsyncSession, person_id: str) -> list[Passkey]:
    """Somebody's passkeys, oldest first."""
    return [_passkey(row) for row in await record.list_passkeys(session, person_id)]


async def find_passkey(session: AsyncSession, credential: bytes) -> Passkey | None:
    """The passkey of a credential's id; None if there is none."""
    row = await record.find_by_credential(session, credential)
    return None if row is None else _passkey(row)


async def check_room(session: AsyncSession, person_id: str) -> None:
    """Refuse one more passkey to who has very many.

    Raises:
        TooManyPasskeys: they do.
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
    """Give somebody a passkey.

    Args:
        session: the transaction, in which its challenge was taken.
        person_id: whose it is.
        rp_id: the host for which it was made.
        name: what they call the device.
        credential: as it was verified.
        now: the time.

    Raises:
        PasskeyRefused: somebody has it already.
        TooManyPasskeys: they have very many.
    """
    await check_room(session, person_id)
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
    proof: Proof,
    purpose: Purpose,
    holder: bytes,
    now: datetime,
) -> Person | PasskeyRefused:
    """Accept what a passkey has signed, once.

    Args:
        session: the transaction; the caller commits it also for a refusal, so that the challenge is
            used up.
        key: the newsroom's, of challenges.
        proof: as it was verified.
        purpose: what it is to be good for.
        holder: the browser that shows it.
        now: the time.

    Returns:
        Whose passkey it is; or the refusal, where the challenge is none of this browser's, passkey
        or access are gone, or the device's count went back, as that of a copy would.
    """
    if refusal := await use_challenge(session, key, proof.challenge, purpose, holder, now):
        return refusal
    was = proof.passkey
    kept = await record.lock_passkey(session, was.id)
    if kept is None or kept.person != was.person:
        return unknown_passkey()
    person = await find_person(session, was.person)
    if person.disabled_at is not None:
        return unknown_passkey()
    counts = proof.sign_count or kept.sign_count
    if counts and proof.sign_count <= kept.sign_count:
        return PasskeyRefused(
            "sign count",
            "This passkey was refused: there may be a copy of it. Use another way to sign in, and"
            " remove it.",
        )
    await record.save_use(session, was.id, proof.sign_count, now)
    return person


def unknown_passkey() -> PasskeyRefused:
    """The refusal of a passkey that opens nothing here, whatever the cause."""
    return PasskeyRefused(
        "unknown", "This passkey is not known here, or was removed. Use another way to sign in."
    )


async def rename_passkey(session: AsyncSession, person_id: str, passkey_id: str, name: str) -> None:
    """Call one of somebody's passkeys another name.

    Raises:
        UnknownPasskey: they have none of that id.
    """
    if not await record.rename_passkey(session, person_id, _own(passkey_id), name):
        raise UnknownPasskey("There is no such passkey.")


async def remove_passkey(session: AsyncSession, person_id: str, passkey_id: str) -> None:
    """Take one of somebody's passkeys away, and end the sessions for which it was shown.

    Raises:
        UnknownPasskey: they have none of that id.
    """
    if not await record.remove_passkey(session, person_id, _own(passkey_id)):
        raise UnknownPasskey("There is no such passkey.")
    await end_sessions_by(session, passkey_id)
    await end_unused_codes(session, person_id)


async def remove_passkeys(
    session: AsyncSession, person_id: str, since: datetime | None = None
) -> None:
    """Take somebody's passkeys away, and end the sessions for which they were shown.

    Args:
        session: the transaction.
        person_id: whose.
        since: only those that were made from then on; None for all.
    """
    for passkey in await list_passkeys(session, person_id):
        if since is None or passkey.created_at >= since:
            await remove_passkey(session, person_id, passkey.id)


def _own(passkey_id: str) -> str:
    # What cannot be an id (a NUL, say, which PostgreSQL refuses) is not asked for.
    return passkey_id if _ID.fullmatch(passkey_id) else ""


def _passkey(row: PasskeyRow) -> Passkey:
    return Passkey(**{field: getattr(row, field) for field in Passkey.__slots__})
