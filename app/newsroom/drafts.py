"""The way of a draft to its publication, and back: each step in the caller's transaction."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.roles import Caller
from app.newsroom.entries import find_draft, find_locked
from app.newsroom.permissions import check_author
from app.store.journal import Recorded, record_change
from app.timeline import draft as rules
from app.timeline.change import Change

Key = tuple[str, str]


async def submit_draft(session: AsyncSession, key: Key, caller: Caller, now: datetime) -> Recorded:
    """Hand a draft in.

    Raises:
        NotAllowed: it is somebody else's, and the caller a contributor.
        EntryScheduled: it has gone further already.
    """
    coverage, entry = await find_draft(session, key)
    check_author(entry, caller)
    return await record_change(session, Change(coverage, (rules.submit(entry, now),)))


async def take_draft_back(session: AsyncSession, key: Key, caller: Caller) -> Recorded:
    """Undo the handing in.

    Raises:
        NotAllowed: it is somebody else's, and the caller a contributor.
        EntryScheduled: it has gone further already.
    """
    coverage, entry = await find_draft(session, key)
    check_author(entry, caller)
    return await record_change(session, Change(coverage, (rules.take_back(entry),)))


async def return_draft(
    session: AsyncSession, key: Key, note: str, caller: Caller, now: datetime
) -> Recorded:
    """Give a draft that was handed in back to its author, with a note.

    Raises:
        EntryNotSubmitted: it was not handed in.
        EntryScheduled: it has gone further already.
    """
    coverage, entry = await find_draft(session, key)
    returned = rules.return_draft(entry, note, caller.name, now)
    return await record_change(session, Change(coverage, (returned,)))


async def unschedule_entry(session: AsyncSession, key: Key) -> Recorded:
    """Make a scheduled entry a draft again.

    The coverage's lock decides between this and its going out: one of the two finds it as the other
    left it.

    Raises:
        EntryPublic, EntryRetracted: it is out.
    """
    coverage, entry = await find_locked(session, key)
    return await record_change(session, Change(coverage, (rules.unschedule(entry),)))
