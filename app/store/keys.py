"""The API key table: keys by id, each with the SHA-256 of the whole key."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import insert, select, update
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.prepared import PreparedStatement, Source, matches, table_of
from app.store.tables import KeyRow


class StoredKey(NamedTuple):
    """A row of `KeyRow`; every request of a tool reads them."""

    id: str
    name: str
    role: str
    coverage: str | None
    digest: bytes
    made_by: str | None
    created_at: datetime
    revoked_at: datetime | None


_query = select(*(table_of(KeyRow).c[name] for name in StoredKey._fields)).where(
    *matches(KeyRow, "id")
)
_FIND = PreparedStatement(_query)
_FIND_SHARED = PreparedStatement(_query.with_for_update(read=True))


async def add_key(session: AsyncSession, row: Mapping[str, object]) -> None:
    """Store a new key."""
    await session.exec(insert(KeyRow).values(**row))


async def find_key(session: Source, key_id: str, *, share: bool = False) -> StoredKey | None:
    """A key, even a revoked one; with `share`, its row gets a shared lock."""
    row = await (_FIND_SHARED if share else _FIND).find(session, {"of_id": key_id})
    return None if row is None else StoredKey(*row)


async def list_keys(session: AsyncSession) -> Sequence[KeyRow]:
    """All keys, oldest first."""
    return (
        await session.exec(select_rows(KeyRow).order_by(col(KeyRow.created_at), col(KeyRow.id)))
    ).all()


async def list_made_by(session: AsyncSession, maker: str) -> Sequence[KeyRow]:
    """The keys that a caller created."""
    return (await session.exec(select_rows(KeyRow).where(KeyRow.made_by == maker))).all()


async def list_names(session: AsyncSession, ids: Collection[str]) -> dict[str, str]:
    """The names of keys, by id; unknown ids are left out."""
    query = select_rows(KeyRow.id, KeyRow.name).where(col(KeyRow.id).in_(ids))
    return dict((await session.exec(query)).all())


async def revoke_key(session: AsyncSession, key_id: str, at: datetime) -> None:
    """Revoke a key, unless it is already revoked."""
    live = (col(KeyRow.id) == key_id, col(KeyRow.revoked_at).is_(None))
    await session.exec(update(KeyRow).where(*live).values(revoked_at=at))
