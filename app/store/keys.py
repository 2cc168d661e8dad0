"""The API key table: keys by id, each with the SHA-256 of the whole key."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.tables import KeyRow


async def add_key(session: AsyncSession, row: Mapping[str, object]) -> None:
    """Store a new key."""
    await session.exec(insert(KeyRow).values(**row))


async def find_key(session: AsyncSession, key_id: str, *, share: bool = False) -> KeyRow | None:
    """A key, even a revoked one; with `share`, its row gets a shared lock."""
    row_lock: Any = {"read": True} if share else None
    return await session.get(KeyRow, key_id, with_for_update=row_lock)


async def list_keys(session: AsyncSession) -> Sequence[KeyRow]:
    """All keys, oldest first."""
    return (
        await session.exec(select(KeyRow).order_by(col(KeyRow.created_at), col(KeyRow.id)))
    ).all()


async def list_made_by(session: AsyncSession, maker: str) -> Sequence[KeyRow]:
    """The keys that a caller created."""
    return (await session.exec(select(KeyRow).where(KeyRow.made_by == maker))).all()


async def list_names(session: AsyncSession, ids: Collection[str]) -> dict[str, str]:
    """The names of keys, by id; unknown ids are left out."""
    query = select(KeyRow.id, KeyRow.name).where(col(KeyRow.id).in_(ids))
    return dict((await session.exec(query)).all())


async def revoke_key(session: AsyncSession, row: KeyRow, at: datetime) -> None:
    """Revoke a key, unless it is already revoked, and refresh its row."""
    live = (col(KeyRow.id) == row.id, col(KeyRow.revoked_at).is_(None))
    await session.exec(update(KeyRow).where(*live).values(revoked_at=at))
    await session.refresh(row)
