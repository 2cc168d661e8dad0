"""The device table: browsers used for signing in, by the SHA-256 of their cookie's secret."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, insert, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.tables import DeviceRow


async def add_device(session: AsyncSession, row: Mapping[str, object]) -> None:
    """Store a browser with which a person has signed in."""
    await session.exec(insert(DeviceRow).values(**row))


async def find_device(session: AsyncSession, digest: bytes, person_id: str) -> DeviceRow | None:
    """A person's browser, however long ago they signed in with it; None if there is none."""
    return await session.get(DeviceRow, (digest, person_id))


async def has_device(session: AsyncSession, digest: bytes, since: datetime) -> bool:
    """Whether any person has signed in with a browser after a time."""
    row = DeviceRow
    its = (col(row.digest) == digest, col(row.seen_at) > since)
    return (await session.exec(select(row.person).where(*its).limit(1))).first() is not None


async def replace_digest(session: AsyncSession, old: bytes, new: bytes) -> None:
    """Replace a browser's digest, for all people who have signed in with it."""
    row = DeviceRow
    await session.exec(update(row).where(col(row.digest) == old).values(digest=new))


async def save_wrong_codes(
    session: AsyncSession, digest: bytes, person_id: str, wrong: int, at: datetime | None
) -> None:
    """Store the number of consecutive wrong codes from a browser, and the time of the last."""
    its = (col(DeviceRow.digest) == digest, col(DeviceRow.person) == person_id)
    await session.exec(update(DeviceRow).where(*its).values(wrong=wrong, wrong_at=at))


async def trim_devices(session: AsyncSession, person_id: str, most: int) -> None:
    """Delete a person's least recently used browsers beyond `most`."""
    row = DeviceRow
    query = select(row.digest).where(row.person == person_id)
    query = query.order_by(col(row.seen_at).desc(), col(row.digest)).offset(most)
    surplus = list(await session.exec(query))
    await session.exec(
        delete(row).where(col(row.person) == person_id, col(row.digest).in_(surplus))
    )


async def remove_device(session: AsyncSession, digest: bytes, person_id: str) -> None:
    """Delete one of a person's browsers."""
    row = DeviceRow
    await session.exec(delete(row).where(col(row.person) == person_id, col(row.digest) == digest))


async def remove_devices(session: AsyncSession, person_id: str, spare: bytes | None) -> None:
    """Delete all of a person's browsers, except the one with the digest `spare`."""
    ended = delete(DeviceRow).where(col(DeviceRow.person) == person_id)
    if spare is not None:
        ended = ended.where(col(DeviceRow.digest) != spare)
    await session.exec(ended)


async def delete_expired_devices(session: AsyncSession, until: datetime) -> None:
    """Delete the browsers that were last used at or before a time."""
    await session.exec(delete(DeviceRow).where(col(DeviceRow.seen_at) <= until))
