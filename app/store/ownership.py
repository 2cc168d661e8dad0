"""Media ownership: media belong to their uploader and to the coverage that used them first.

This module refuses nothing; `newsroom/permissions.py` decides which caller may use which media.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.tables import MediaRow


@dataclass(frozen=True, slots=True)
class Owner:
    """The owners of a medium.

    Args:
        taken_by: the id of the caller who uploaded it; None if it came with an import.
        coverage: the slug of its coverage; None until an entry or a lead names the medium.
    """

    taken_by: str | None
    coverage: str | None


async def find_owners(session: AsyncSession, ids: Collection[str]) -> dict[str, Owner]:
    """The owners of these media, by id; unknown ids are left out."""
    row = MediaRow
    query = select(row.id, row.taken_by, row.coverage).where(col(row.id).in_(ids))
    rows = (await session.exec(query)).all()
    return {media_id: Owner(taken_by, coverage) for media_id, taken_by, coverage in rows}


async def set_uploader(session: AsyncSession, media_id: str, taken_by: str) -> None:
    """Record the caller who uploaded a medium."""
    where = col(MediaRow.id) == media_id
    await session.exec(update(MediaRow).where(where).values(taken_by=taken_by))


async def claim_media(session: AsyncSession, ids: Collection[str], coverage: str) -> None:
    """Assign a coverage to those of these media that no coverage has used yet."""
    if ids:
        unclaimed = (col(MediaRow.id).in_(ids), col(MediaRow.coverage).is_(None))
        await session.exec(update(MediaRow).where(*unclaimed).values(coverage=coverage))


async def lock_media(session: AsyncSession, ids: Collection[str]) -> None:
    """Lock media until the transaction ends.

    Without the lock, in PostgreSQL, a publication and a simultaneous retraction in two coverages
    would not see each other, and a public entry would lose its files.
    """
    if ids:
        query = select(MediaRow.id).where(col(MediaRow.id).in_(ids)).order_by(col(MediaRow.id))
        await session.exec(query.with_for_update())
