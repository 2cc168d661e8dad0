"""Passkey challenges: bytes that a device signs once, for one purpose and one browser.

A challenge is not stored when it is made. It consists of random bytes, its expiry time and a MAC
that binds both to the purpose and to a secret of the browser (its session, its two-factor challenge
or, before anybody is known, a cookie). So requests for challenges cannot fill a table or block
writers. The SHA-256 of a used challenge is stored until the challenge expires. The key of the MAC
is in the database, so a challenge is valid in all processes.
"""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.passkey_errors import PasskeyRefused
from app.store import challenges as record

LIFETIME = timedelta(minutes=5)
_RANDOM, _HEAD = 16, 24  # bytes: the random part; the random part and the expiry time
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

Purpose = Literal["registration", "confirmation", "second-factor", "sign-in"]


def holder_of(secret: str) -> bytes:
    """Return what a challenge is bound to, from the browser's secret."""
    return hashlib.sha256(secret.encode()).digest()


def make_challenge(key: bytes, purpose: Purpose, holder: bytes, now: datetime) -> bytes:
    """Make a challenge for a browser.

    Args:
        key: the newsroom's key, from `server_key`.
        purpose: the only purpose that the signature will be valid for.
        holder: the browser, from `holder_of`.
        now: the current time; the challenge expires five minutes later.
    """
    end = (now + LIFETIME - _EPOCH) // _MILLISECOND
    # A signed number, since the demonstration replays a day before 1970.
    expiry = end.to_bytes(_HEAD - _RANDOM, "big", signed=True)
    head = secrets.token_bytes(_RANDOM) + expiry
    return head + _mac(key, purpose, holder, head)


async def use_challenge(
    session: AsyncSession,
    key: bytes,
    challenge: bytes,
    purpose: Purpose,
    holder: bytes,
    now: datetime,
) -> PasskeyRefused | None:
    """Use a challenge, which works once; the caller commits this even if it refuses the request.

    Args:
        session: the transaction.
        key: the newsroom's key.
        challenge: the challenge, as the browser sent it back.
        purpose: the purpose that the signature has to be valid for.
        holder: the browser that sent it, from `holder_of`.
        now: the current time.

    Returns:
        None if the challenge is valid; the refusal if it is for another purpose or browser, was
        used before, or has expired.
    """
    head, mac = challenge[:_HEAD], challenge[_HEAD:]
    end = int.from_bytes(head[_RANDOM:], "big", signed=True)
    is_ours = hmac.compare_digest(mac, _mac(key, purpose, holder, head))
    if is_ours and end * _MILLISECOND > now - _EPOCH:
        ends_at = _EPOCH + end * _MILLISECOND
        digest = hashlib.sha256(challenge).digest()
        if await record.use_challenge(session, digest, ends_at):
            return None
    return PasskeyRefused("challenge", "This took too long, or was sent before. Try again.")


def _mac(key: bytes, purpose: Purpose, holder: bytes, head: bytes) -> bytes:
    message = b"passkey challenge\0" + purpose.encode() + b"\0" + holder + head
    return hmac.new(key, message, hashlib.sha256).digest()
