"""Server keys: random bytes that all processes of a newsroom share, by name."""

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.inserts import insert_new
from app.store.tables import ServerKeyRow


async def find_server_key(session: AsyncSession, name: str) -> bytes | None:
    """The key of that name; None if there is none."""
    query = select(ServerKeyRow.key).where(ServerKeyRow.name == name)
    return (await session.exec(query)).first()


async def add_server_key(session: AsyncSession, name: str, key: bytes) -> None:
    """Store a key, unless another process has already stored one of that name."""
    await insert_new(session, ServerKeyRow, {"name": name, "key": key})
