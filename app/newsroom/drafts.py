"""Submit, withdraw, return and unschedule drafts, each in the caller's transaction."""

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
    """Submit a draft to the editors.

    Raises:
        NotAllowed: the caller is a contributor and not the draft's author.
        EntryScheduled: the entry is already scheduled.
    """
    coverage, entry = await find_draft(session, key)
    check_author(entry, caller)
    return await record_change(session, Change(coverage, (rules.submit(entry, now),)))


async def withdraw_draft(session: AsyncSession, key: Key, caller: Caller) -> Recorded:
    """Withdraw a submitted draft, so that its author can edit it again.

    Raises:
        NotAllowed: the caller is a contributor and not the draft's author.
        EntryScheduled: the entry is already scheduled.
    """
    coverage, entry = await find_draft(session, key)
    check_author(entry, caller)
    return await record_change(session, Change(coverage, (rules.withdraw(entry),)))


async def return_draft(
    session: AsyncSession, key: Key, note: str, caller: Caller, now: datetime
) -> Recorded:
    """Return a submitted draft to its author, with a note.

    Raises:
        EntryNotSubmitted: the draft was not submitted.
        EntryScheduled: the entry is already scheduled.
    """
    coverage, entry = await find_draft(session, key)
    returned = rules.return_draft(entry, note, caller.name, now)
    return await record_change(session, Change(coverage, (returned,)))


async def unschedule_entry(session: AsyncSession, key: Key) -> Recorded:
    """Turn a scheduled entry back into a draft.

    The coverage's lock serialises this with the publication: whichever runs second sees the state
    that the first one committed.

    Raises:
        EntryPublic, EntryRetracted: the entry has already been published.
    """
    coverage, entry = await find_locked(session, key)
    return await record_change(session, Change(coverage, (rules.unschedule(entry),)))
