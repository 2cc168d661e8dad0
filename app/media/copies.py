"""Copies of withdrawn pictures and videos: for restored drafts and for new entries.

A copy is a new medium with addresses of its own, so the addresses that ended with the retraction
stay dead for every client that knows them.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.media.images.record import file_name, media_address
from app.media.storage.storage import new_media_id
from app.store.media import announce_copy, find_withdrawn
from app.timeline.entry import Media


async def copy_withdrawn(
    session: AsyncSession, media: Sequence[Media], now: datetime, coverage: str
) -> tuple[Media, ...]:
    """Replace each withdrawn medium by a copy; the files are copied after the commit.

    Args:
        session: the transaction.
        media: the media that an entry shows.
        now: the time of the copy.
        coverage: the coverage that the copies belong to.
    """
    withdrawn = await find_withdrawn(session, [one.id for one in media])
    copies = {}
    for one in media:
        if one.id in withdrawn:
            new = new_media_id()
            is_ours = one.kind != "embed"  # which has a page of another site
            url = media_address(new, file_name(one.url)) if is_ours else one.url
            renditions = tuple(
                replace(size, url=media_address(new, file_name(size.url)))
                for size in one.renditions
            )
            copies[one.id] = replace(one, id=new, url=url, renditions=renditions)
    for origin, copy in copies.items():
        await announce_copy(session, copy, origin, now, coverage)
    return tuple(copies.get(one.id, one) for one in media)
