"""Restoration: make a new draft of a retracted entry's last content.

The tombstone is permanent; the draft is another entry, with an id of its own. Once the retention
time for retracted content is over, nothing can be restored.
"""

import secrets
from dataclasses import replace
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.roles import Caller
from app.media.copies import copy_withdrawn
from app.newsroom.entries import find_locked
from app.store.journal import Recorded, record_change
from app.store.retracted import find_withdrawn
from app.timeline.change import Change
from app.timeline.draft import restore
from app.timeline.errors import CoverageClosed, EntryNotRetracted


async def restore_entry(
    session: AsyncSession, key: tuple[str, str], caller: Caller, now: datetime, since: datetime
) -> Recorded:
    """Store a retracted entry's content as a new draft.

    Args:
        session: the transaction.
        key: the coverage's slug and the entry's id.
        caller: the draft's author.
        now: the current time.
        since: the start of the retention time; entries retracted earlier cannot be restored.

    Raises:
        CoverageClosed: the coverage is closed and takes no new entries, not even drafts.
        EntryNotRetracted: the entry is not retracted.
        WordsForgotten: the content is not kept any longer.
    """
    coverage, tombstone = await find_locked(session, key)
    if coverage.status == "closed":
        raise CoverageClosed(f"The coverage {coverage.slug} is closed: reopen it to write in it.")
    if tombstone.status != "retracted":
        raise EntryNotRetracted("The entry is not retracted.")
    content = await find_withdrawn(session, *key, since)
    media = await copy_withdrawn(session, content.media, now, coverage.slug)
    draft = replace(restore(content, secrets.token_hex(8), now), author=caller.id, media=media)
    return await record_change(session, Change(coverage, (draft,)))
