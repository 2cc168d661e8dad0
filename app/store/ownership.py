"""Whose pictures and videos are: of whoever sent them, and of the coverage that used them first.

Refuses nothing itself; `newsroom/permissions.py` says who may use what.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.tables import MediaRow


@dataclass(frozen=True, slots=True)
class Owner:
    """`taken_by` is a caller's id, None of what came with an import; `coverage` is a slug.

    `coverage` is None until an entry or a lead names the medium.
    """

    taken_by: str | None
    coverage: str | None


async def find_owners(session: AsyncSession, ids: Collection[str]) -> dict[str, Owner]:
    """Whose the media of these ids are; unknown ids are left out."""
    row = MediaRow
    query = select(row.id, row.taken_by, row.coverage).where(col(row.id).in_(ids))
    found = (await session.exec(query)).all()
    return {media_id: Owner(taken_by, coverage) for media_id, taken_by, coverage in found}


async def give_media(session: AsyncSession, media_id: str, taken_by: str) -> None:
    """Note who sent a medium."""
    where = col(MediaRow.id) == media_id
    await session.exec(update(MediaRow).where(where).values(taken_by=taken_by))


async def claim_media(session: AsyncSession, ids: Collection[str], coverage: str) -> None:
    """Make those of these media that no coverage has used yet the coverage's."""
    if ids:
        unclaimed = (col(MediaRow.id).in_(ids), col(MediaRow.coverage).is_(None))
        await session.exec(update(MediaRow).where(*unclaimed).values(coverage=coverage))


async def lock_media(session: AsyncSession, ids: Collection[str]) -> None:
    """Hold media until the transaction ends.

    What is published and what is retracted in the same moment in two coverages would otherwise, in
    PostgreSQL, each miss the other, and a public entry be left without its files.
    """
    if ids:
        query = select(MediaRow.id).where(col(MediaRow.id).in_(ids)).order_by(col(MediaRow.id))
        await session.exec(query.with_for_update())
