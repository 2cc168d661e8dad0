"""One-time codes of an authenticator app, and recovery codes for the loss of a second factor.

A secret is begun, shown as a QR code, and counts from the first right code on. A code counts once,
also in another process. After ten wrong ones in a row the next have to wait, so that whoever has
the password cannot try them all; a browser that has signed in before has a count of its own, so
that they cannot lock the right person out either. A recovery code has 120 random bits, works once,
and is kept as its SHA-256; the app's secret has to be kept as it is, since the codes are computed
from it.

Source: RFC 6238, with its defaults: SHA-1, six digits, 30 seconds.
"""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta

import pyotp
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.people import Person
from app.access.roles import NotAllowed, NotSignedIn
from app.store import second_factors as record
from app.store.devices import find_device, save_wrong_codes
from app.store.people import find_person, update_person

RECOVERY_CODES = 10
_STEP = 30  # seconds
_DRIFT = (0, -1, 1)  # steps by which a telephone's clock may be wrong
_MOST_WRONG = 10
_WAIT = timedelta(minutes=15)


class FactorExists(NotAllowed):
    """Somebody has an app already: it is taken away before another one is set up."""


class TooManyCodes(NotSignedIn):
    """So many wrong codes were tried that all have to wait."""


def app_time() -> datetime:
    """The time by which apps compute codes: the real one, also where the newsroom's is a replay."""
    return datetime.now(UTC)


async def begin_factor(session: AsyncSession, person_id: str) -> str:
    """Make a new secret, which counts once `confirm_factor` has seen a code of it.

    Returns:
        The secret in base32, as apps take it.

    Raises:
        FactorExists: there is one that counts.
    """
    secret = pyotp.random_base32()
    if not await record.begin_secret(session, person_id, secret):
        raise FactorExists("There is an app already. Take it away first.")
    return secret


async def find_begun(session: AsyncSession, person_id: str) -> str | None:
    """The secret that is begun and does not count yet; None for none."""
    row = await find_person(session, person_id)
    return row.totp_secret if row is not None and row.totp_since is None else None


def secret_uri(secret: str, email: str, newsroom: str) -> str:
    """A secret as the address that a QR code holds for apps."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=newsroom)


async def confirm_factor(
    session: AsyncSession, person_id: str, code: str, now: datetime
) -> list[str]:
    """Make the secret that was begun count.

    Args:
        session: the transaction.
        person_id: whose secret.
        code: as the app shows it.
        now: by `app_time`.

    Returns:
        The recovery codes, which are shown this once.

    Raises:
        NotSignedIn: the code is none of the secret's, or none was begun.
    """
    if await find_begun(session, person_id) is None or not await _take_code(
        session, person_id, code, now
    ):
        raise NotSignedIn("That is not the code that the app shows now. Look at its clock.")
    await update_person(session, person_id, {"totp_since": now})
    return await renew_recovery_codes(session, person_id)


async def renew_recovery_codes(session: AsyncSession, person_id: str) -> list[str]:
    """Make new recovery codes in place of those that there are, which are shown this once."""
    await record.remove_codes(session, person_id)
    codes = [pyotp.random_base32(32)[:24].lower() for _ in range(RECOVERY_CODES)]
    await record.add_codes(session, person_id, map(_digest, codes))
    return ["-".join(code[at : at + 6] for at in range(0, 24, 6)) for code in codes]


async def count_recovery_codes(session: AsyncSession, person_id: str) -> int:
    """How many of somebody's recovery codes are left."""
    return await record.count_codes(session, person_id)


async def take_second_factor(
    session: AsyncSession,
    person: Person,
    code: str,
    now: datetime,
    device: bytes | None = None,
) -> str | None:
    """Take a code of the app, or a recovery code, which is used up by it.

    Args:
        session: the transaction.
        person: whose code.
        code: as it was typed.
        now: by `app_time`.
        device: the digest of a browser that is known as theirs; None for any other.

    Returns:
        `code` or `recovery code`; None for a wrong one, which is counted: the caller commits that.

    Raises:
        TooManyCodes: there were too many wrong ones.
    """
    row = await find_person(session, person.id, lock=True)
    assert row is not None
    wrong, wrong_at = row.totp_wrong, row.totp_wrong_at
    known = None if device is None else await find_device(session, device, person.id)
    if known:
        wrong, wrong_at = known.wrong, known.wrong_at
    until = wrong_at and wrong_at + _WAIT
    if wrong >= _MOST_WRONG and until and now < until:
        minutes = max(1, -(-(until - now) // timedelta(minutes=1)))
        raise TooManyCodes(f"Too many wrong codes. Wait {minutes} minutes, and try again.")
    typed = "".join(code.split()).replace("-", "").lower()
    by = None
    if await _take_code(session, person.id, typed, now):
        by = "code"
    elif await record.use_code(session, person.id, _digest(typed)):
        by = "recovery code"
    wrong = 0 if by else (0 if until and now >= until else wrong) + 1
    at = None if by else now
    if known:
        await save_wrong_codes(session, known.digest, person.id, wrong, at)
    else:
        await update_person(session, person.id, {"totp_wrong": wrong, "totp_wrong_at": at})
    return by


async def remove_factor(session: AsyncSession, person_id: str) -> None:
    """Take somebody's app away, and their recovery codes, where these stand in for nothing else."""
    nothing = {
        "totp_secret": None,
        "totp_since": None,
        "totp_step": None,
        "totp_wrong": 0,
        "totp_wrong_at": None,
    }
    await update_person(session, person_id, nothing)
    await end_unused_codes(session, person_id)


async def end_unused_codes(session: AsyncSession, person_id: str) -> None:
    """End the recovery codes of who has neither an app nor a passkey any more."""
    if not await record.has_factor(session, person_id):
        await record.remove_codes(session, person_id)


async def _take_code(session: AsyncSession, person_id: str, code: str, now: datetime) -> bool:
    secret = await record.find_secret(session, person_id)
    if not secret:
        return False
    current = int(now.timestamp()) // _STEP
    steps = [current + drift for drift in _DRIFT if current + drift >= 0]
    totp = pyotp.TOTP(secret)
    # All are compared, so that the time does not tell how near a guess was.
    right = [s for s in steps if hmac.compare_digest(totp.generate_otp(s), _ascii(code))]
    return bool(right) and await record.use_step(session, person_id, right[0])


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()


def _ascii(code: str) -> str:
    # compare_digest takes no other text; what is not ASCII is no code.
    return code if code.isascii() else secrets.token_hex(3)
