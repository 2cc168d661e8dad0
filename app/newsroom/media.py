"""Store pictures and videos, and change the texts printed beside them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.roles import Caller
from app.formats.public_json import dump_json, encode_media
from app.media.errors import UnknownMediaId
from app.media.images.record import first_task
from app.newsroom.permissions import may_use_media
from app.newsroom.write import Operation, write
from app.newsroom.written import Thing, Written
from app.store.media import announce_media, change_media, find_media, keep_media
from app.store.ownership import find_owners, set_uploader
from app.timeline.entry import Media
from app.web.services import Services


async def add_embed(session: AsyncSession, media: Media, caller: Caller, now: datetime) -> Written:
    """Store content of another site that has no files here."""
    await announce_media(session, media, now)
    await keep_media(session, media.id)
    await set_uploader(session, media.id, caller.id)
    return _written(media, is_new=True)


async def keep_upload(services: Services, operation: Operation, media: Media) -> Written:
    """Keep a medium that was announced before and whose files are stored.

    Its files are removed if it is not kept: because the write was refused, or because the same
    idempotent request was carried out meanwhile, with its own files.
    """
    is_stored = False

    async def act(session: AsyncSession) -> Written:
        nonlocal is_stored
        await keep_media(session, media.id, first_task(media))
        await set_uploader(session, media.id, operation.caller.id)
        is_stored = True
        return _written(media, is_new=True)

    try:
        written = await write(services, operation, act)
    except BaseException:
        is_stored = False
        raise
    finally:
        if not is_stored:
            await services.media.discard(media.id)
    services.media.wake()
    return written


async def change_texts(
    session: AsyncSession, media_id: str, texts: Mapping[str, Any], caller: Caller
) -> Written:
    """Change the texts printed beside a medium.

    Raises:
        UnknownMediaId: there is no such medium, or the caller may not use it.
    """
    media = replace(await find_usable(session, media_id, caller), **texts)
    await change_media(session, media)
    return _written(media)


async def find_usable(session: AsyncSession, media_id: str, caller: Caller) -> Media:
    """Find a picture or video that the caller may use in entries.

    Raises:
        UnknownMediaId: there is no such medium, or the caller may not use it.
    """
    # Text that cannot be an id is not queried: PostgreSQL refuses a NUL, for instance.
    ids = [media_id] if media_id.isprintable() else []
    owners, media_by_id = await find_owners(session, ids), await find_media(session, ids)
    if media_id not in media_by_id or not may_use_media(owners[media_id], caller):
        raise UnknownMediaId(f"There is no picture or video {media_id!r}.")
    return media_by_id[media_id]


def _written(media: Media, *, is_new: bool = False) -> Written:
    return Written(dump_json(encode_media(media)), Thing("media", media.id), is_new)
