"""Second factors: one-time codes of an authenticator app, and recovery codes.

A new secret is shown as a QR code, and becomes active with the first correct code. Each code works
once, across all processes. After ten wrong codes in a row further tries have to wait, so that an
attacker with the password cannot try all codes; a browser that has signed in before has a counter
of its own, so that the attacker cannot lock the person out either. A recovery code has 120 random
bits, works once, and is stored as its SHA-256; the app's secret is stored in plain text, since the
codes are computed from it.

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
_DRIFT = (0, -1, 1)  # steps by which the clock of the app's device may be wrong
_MOST_WRONG = 10
_WAIT = timedelta(minutes=15)


class FactorExists(NotAllowed):
    """The person has an app already, which has to be removed before another one is set up."""


class TooManyCodes(NotSignedIn):
    """After too many wrong codes, no code is accepted for some time."""


def totp_time() -> datetime:
    """Return the time for codes: the real one, even if the newsroom's clock replays a past day."""
    return datetime.now(UTC)


async def begin_factor(session: AsyncSession, person_id: str) -> str:
    """Create a new secret, which `confirm_factor` activates.

    Returns:
        The secret in base32, the form that apps take.

    Raises:
        FactorExists: the person has an active secret.
    """
    secret = pyotp.random_base32()
    if not await record.begin_secret(session, person_id, secret):
        raise FactorExists("An authenticator app is set up already. Remove it first.")
    return secret


async def find_pending_secret(session: AsyncSession, person_id: str) -> str | None:
    """Find the secret that was created and is not active yet; None if there is none."""
    row = await find_person(session, person_id)
    return row.totp_secret if row is not None and row.totp_since is None else None


def secret_uri(secret: str, email: str, newsroom: str) -> str:
    """Return the `otpauth` URI of a secret, which apps read from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=newsroom)


async def confirm_factor(
    session: AsyncSession, person_id: str, code: str, now: datetime
) -> list[str]:
    """Activate a secret that `begin_factor` has created.

    Args:
        session: the transaction.
        person_id: the secret's owner.
        code: the code that the app shows.
        now: the current time, from `totp_time`.

    Returns:
        The recovery codes, which are shown only this once.

    Raises:
        NotSignedIn: the code is wrong, or there is no secret to activate.
    """
    if await find_pending_secret(session, person_id) is None or not await _verify_code(
        session, person_id, code, now
    ):
        raise NotSignedIn("That is not the app's present code. Check the clock of its device.")
    await update_person(session, person_id, {"totp_since": now})
    return await renew_recovery_codes(session, person_id)


async def renew_recovery_codes(session: AsyncSession, person_id: str) -> list[str]:
    """Replace a person's recovery codes by new ones, which are shown only this once."""
    await record.remove_codes(session, person_id)
    codes = [pyotp.random_base32(32)[:24].lower() for _ in range(RECOVERY_CODES)]
    await record.add_codes(session, person_id, map(_digest, codes))
    return ["-".join(code[at : at + 6] for at in range(0, 24, 6)) for code in codes]


async def count_recovery_codes(session: AsyncSession, person_id: str) -> int:
    """Count a person's unused recovery codes."""
    return await record.count_codes(session, person_id)


async def verify_second_factor(
    session: AsyncSession,
    person: Person,
    code: str,
    now: datetime,
    device: bytes | None = None,
) -> str | None:
    """Check a code of the app or a recovery code, each of which works once.

    Args:
        session: the transaction.
        person: the code's owner.
        code: the code as it was typed.
        now: the current time, from `totp_time`.
        device: the digest of a browser that the person has signed in with; None for any other.

    Returns:
        `code` or `recovery code`; None for a wrong code. The caller commits in either case, so that
        a wrong code is counted.

    Raises:
        TooManyCodes: there were too many wrong codes before.
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
    if await _verify_code(session, person.id, typed, now):
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
    """Remove a person's app, and their recovery codes unless they have a passkey."""
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
    """Delete a person's recovery codes if they have neither an app nor a passkey."""
    if not await record.has_factor(session, person_id):
        await record.remove_codes(session, person_id)


async def _verify_code(session: AsyncSession, person_id: str, code: str, now: datetime) -> bool:
    secret = await record.find_secret(session, person_id)
    if not secret:
        return False
    current = int(now.timestamp()) // _STEP
    steps = [current + drift for drift in _DRIFT if current + drift >= 0]
    totp = pyotp.TOTP(secret)
    # compare_digest takes only ASCII text; other text is replaced by a code that cannot match.
    typed = code if code.isascii() else secrets.token_hex(3)
    # All are compared, so that the time does not reveal how close a guess was.
    right = [s for s in steps if hmac.compare_digest(totp.generate_otp(s), typed)]
    return bool(right) and await record.use_step(session, person_id, right[0])


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()
