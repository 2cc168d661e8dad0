"""API keys: `dateline_ID_SECRET`, 160 random bits and a checksum.

The prefix lets secret scanners find a leaked key. The checksum refuses a mistyped key without a
database query. The database holds only the SHA-256; a fast hash is enough, since the secret is
random and cannot be guessed.
"""

import hashlib
import hmac
import re
import secrets
import zlib
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.roles import Caller, NotSignedIn, Role
from app.formats.rfc3339 import format_time
from app.store import keys as record
from app.store.prepared import Source
from app.store.tables import KeyRow

_FORM = re.compile(r"(dateline_([0-9a-f]{8})_[0-9a-f]{40})([0-9a-f]{8})", re.ASCII)


class UnknownKey(Exception):
    """No key has that id."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key as the newsroom lists it, without its secret.

    `coverage` is the only one that it gives access to; None for the whole newsroom. `made_by` is a
    caller's id; None for a key that is older than this field.
    """

    id: str
    name: str
    role: Role
    created_at: datetime
    revoked_at: datetime | None = None
    coverage: str | None = None
    made_by: str | None = None

    @property
    def caller(self) -> Caller:
        """The caller that requests with this key have."""
        if self.coverage is None:
            return Caller(f"key:{self.id}", self.name, self.role)
        return Caller(f"key:{self.id}", self.name, None, {self.coverage: self.role})


def encode_key(key: Key) -> dict[str, Any]:
    """Encode a key as JSON, without its secret."""
    times = {
        "created_at": format_time(key.created_at),
        "revoked_at": key.revoked_at and format_time(key.revoked_at),
    }
    return asdict(key) | times


def _checksum(text: str) -> str:
    return f"{zlib.crc32(text.encode()):08x}"


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


async def create_key(
    session: AsyncSession,
    name: str,
    role: Role,
    now: datetime,
    coverage: str | None = None,
    *,
    made_by: str,
) -> tuple[Key, str]:
    """Create a key, for the whole newsroom or for one coverage.

    Args:
        session: the transaction.
        name: the key's owner or purpose.
        role: the key's role.
        now: the current time.
        coverage: the slug of the only coverage that it gives access to; None for all.
        made_by: the caller's id.

    Returns:
        The key, and its secret, which is shown only this once.
    """
    key = Key(secrets.token_hex(4), name, role, now, coverage=coverage, made_by=made_by)
    text = f"dateline_{key.id}_{secrets.token_hex(20)}"
    secret = text + _checksum(text)
    row = {
        "id": key.id,
        "name": name,
        "role": role,
        "coverage": coverage,
        "made_by": made_by,
        "digest": _digest(secret),
        "created_at": now,
    }
    await record.add_key(session, row)
    return key, secret


async def find_caller(session: Source, secret: str) -> Caller:
    """Find the caller of a key's secret.

    Raises:
        NotSignedIn: the secret is none of this newsroom's keys, or the key is revoked.
    """
    match = _FORM.fullmatch(secret)
    if match is not None and hmac.compare_digest(_checksum(match[1]), match[3]):
        row = await record.find_key(session, match[2])
        if (
            row is not None
            and row.revoked_at is None
            and hmac.compare_digest(row.digest, _digest(secret))
        ):
            return key_from(row).caller
    raise NotSignedIn("The API key is not valid, or it is revoked.")


async def list_keys(session: AsyncSession) -> list[Key]:
    """List all keys, revoked ones included, oldest first."""
    return [key_from(row) for row in await record.list_keys(session)]


def key_from(row: KeyRow | record.StoredKey) -> Key:
    """Convert a row to a key."""
    role: Role = row.role  # type: ignore[assignment]
    return Key(row.id, row.name, role, row.created_at, row.revoked_at, row.coverage, row.made_by)
