"""Challenges of passkeys: what a device signs once, for one purpose and one browser.

A challenge is made without being stored: random bytes and its end, with a MAC that binds them to
the purpose and to what the browser keeps as a secret (its session, its second step of signing in,
or a cookie before anybody is known). So nobody who only asks fills a table or holds up a writer.
What has been used is stored, by its SHA-256, until it would have ended. The key is in the database,
so a challenge holds in all processes.
"""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.webauthn import PasskeyRefused
from app.store import challenges as record

LASTS = timedelta(minutes=5)
_RANDOM, _HEAD = 16, 24  # bytes: of chance; of chance and the end
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

Purpose = Literal["registration", "confirmation", "second-factor", "sign-in"]


def holder_of(secret: str) -> bytes:
    """What a challenge is bound to, of a browser that keeps this secret."""
    return hashlib.sha256(secret.encode()).digest()


def make_challenge(key: bytes, purpose: Purpose, holder: bytes, now: datetime) -> bytes:
    """Make a challenge, which the browser is given.

    Args:
        key: the newsroom's, as `server_key` has it.
        purpose: what its answer will be good for.
        holder: the browser, as `holder_of` names it.
        now: the time, from which it lasts five minutes.
    """
    end = (now + LASTS - _EPOCH) // _MILLISECOND
    # Signed: the demonstration replays a day before 1970.
    told = end.to_bytes(_HEAD - _RANDOM, "big", signed=True)
    head = secrets.token_bytes(_RANDOM) + told
    return head + _mac(key, purpose, holder, head)


async def use_challenge(
    session: AsyncSession,
    key: bytes,
    challenge: bytes,
    purpose: Purpose,
    holder: bytes,
    now: datetime,
) -> PasskeyRefused | None:
    """Use a challenge up; the caller commits that whatever else is refused.

    Args:
        session: the transaction.
        key: the newsroom's.
        challenge: as it came back.
        purpose: what its answer is to be good for.
        holder: the browser that brings it.
        now: the time.

    Returns:
        The refusal, if it is none of this purpose and this browser, was used, or took too long.
    """
    head, mac = challenge[:_HEAD], challenge[_HEAD:]
    end = int.from_bytes(head[_RANDOM:], "big", signed=True)
    is_ours = hmac.compare_digest(mac, _mac(key, purpose, holder, head))
    if is_ours and end * _MILLISECOND > now - _EPOCH:
        ends_at = _EPOCH + end * _MILLISECOND
        digest = hashlib.sha256(challenge).digest()
        if await record.use_challenge(session, digest, ends_at):
            return None
    return PasskeyRefused("challenge", "This took too long, or was sent before. Try it once more.")


def _mac(key: bytes, purpose: Purpose, holder: bytes, head: bytes) -> bytes:
    told = b"passkey challenge\0" + purpose.encode() + b"\0" + holder + head
    return hmac.new(key, told, hashlib.sha256).digest()
