"""Used login states of the identity provider, by their SHA-256, so that none is used twice."""

from datetime import datetime

from sqlalchemy import delete, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.inserts import insert_new
from app.store.tables import LoginStateRow


async def add_login_state(session: AsyncSession, digest: bytes, ends_at: datetime) -> bool:
    """Record that a login state was used; false if it was used before."""
    return await insert_new(session, LoginStateRow, {"digest": digest, "ends_at": ends_at})


async def trim_login_states(session: AsyncSession, most: int) -> None:
    """Delete the oldest login states beyond `most`."""
    row = LoginStateRow
    count = (await session.exec(select(func.count()).select_from(row))).one()
    if count > most:
        oldest = select(row.digest).order_by(col(row.ends_at)).limit(count - most)
        await session.exec(delete(row).where(col(row.digest).in_(oldest)))


async def delete_expired_login_states(session: AsyncSession, now: datetime) -> None:
    """Delete the expired login states."""
    await session.exec(delete(LoginStateRow).where(col(LoginStateRow.ends_at) <= now))
