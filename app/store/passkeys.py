"""The passkey table: public keys, and the signature counters of their devices."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import CursorResult, delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.inserts import insert_new
from app.store.tables import PasskeyRow


async def add_passkey(session: AsyncSession, row: Mapping[str, object]) -> bool:
    """Store a new passkey; false if its credential is already stored."""
    return await insert_new(session, PasskeyRow, row)


async def lock_passkey(session: AsyncSession, passkey_id: str) -> PasskeyRow | None:
    """A passkey, with its row locked until the transaction ends."""
    return await session.get(PasskeyRow, passkey_id, with_for_update=True)


async def find_by_credential(session: AsyncSession, credential: bytes) -> PasskeyRow | None:
    """The passkey with a credential id; None if there is none."""
    query = select(PasskeyRow).where(PasskeyRow.credential == credential)
    return (await session.exec(query)).first()


async def list_passkeys(session: AsyncSession, person_id: str) -> Sequence[PasskeyRow]:
    """A person's passkeys, oldest first."""
    row = PasskeyRow
    query = select(row).where(row.person == person_id).order_by(col(row.created_at), col(row.id))
    return (await session.exec(query)).all()


async def save_use(session: AsyncSession, passkey_id: str, sign_count: int, at: datetime) -> None:
    """Record a passkey's use, and its device's signature counter."""
    its = update(PasskeyRow).where(col(PasskeyRow.id) == passkey_id)
    await session.exec(its.values(sign_count=sign_count, used_at=at))


async def rename_passkey(session: AsyncSession, person_id: str, passkey_id: str, name: str) -> bool:
    """Rename one of a person's passkeys; false if they have none of that id."""
    row = PasskeyRow
    its = update(row).where(col(row.person) == person_id, col(row.id) == passkey_id)
    renamed = await session.exec(its.values(name=name))
    return bool(cast("CursorResult[object]", renamed).rowcount)


async def remove_passkey(session: AsyncSession, person_id: str, passkey_id: str) -> bool:
    """Delete one of a person's passkeys; false if they have none of that id."""
    row = PasskeyRow
    its = delete(row).where(col(row.person) == person_id, col(row.id) == passkey_id)
    return bool(cast("CursorResult[object]", await session.exec(its)).rowcount)
