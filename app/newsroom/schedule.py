"""Scheduler: publish entries when their embargo lifts, exactly once across all processes."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.audit import SCHEDULE
from app.access.devices import delete_expired_devices
from app.access.invitations import delete_expired_invitations
from app.access.sessions import delete_expired_sessions
from app.newsroom.entries import publish_due_entry
from app.newsroom.idempotency import forget_written
from app.newsroom.write import Operation, write
from app.newsroom.written import Written, entry_written
from app.store.audit import delete_expired_audit
from app.store.challenges import delete_expired_challenges, delete_expired_used_challenges
from app.store.entries import list_due
from app.store.login_states import delete_expired_login_states
from app.store.presence import delete_expired_presences
from app.store.reach import delete_expired_reach
from app.store.retracted import delete_expired_withdrawn
from app.timeline.errors import TimelineError
from app.web.services import Services

_log = logging.getLogger(__name__)

_POLL = 0.5  # seconds between polls at most: another process may have scheduled something
_PURGE = timedelta(hours=1)  # between two purges
_REACH = timedelta(days=1)  # for which the reach of a retraction is kept
_FLUSH = timedelta(seconds=5)  # between two writes of the counted refusals to the audit


async def run_scheduler(services: Services) -> None:
    """Publish due entries in a loop, flush refusals to the audit, and purge old rows every hour."""
    purged_at = services.now() - _PURGE
    flushed_at = services.now()
    while True:
        pause = _POLL
        try:
            pause = await publish_due(services)
            if services.now() - purged_at >= _PURGE:
                purged_at = services.now()
                await purge_expired(services)
            if services.now() - flushed_at >= _FLUSH:
                flushed_at = services.now()
                await services.refusals.flush()
        except SQLAlchemyError:
            _log.exception("cannot read the schedule; retrying")
        await asyncio.sleep(pause)


async def purge_expired(services: Services) -> None:
    """Delete rows whose retention time is over."""
    now = services.now()
    async with services.store.writing() as session:
        await forget_written(session, now)
        await delete_expired_presences(session, now)
        await delete_expired_withdrawn(session, now - services.keep_retracted)
        await delete_expired_sessions(session, now, services.sessions)
        await delete_expired_invitations(session, now)
        await delete_expired_challenges(session, now)
        await delete_expired_used_challenges(session, now)
        await delete_expired_devices(session, now)
        await delete_expired_audit(session, now - services.keep_audit)
        await delete_expired_login_states(session, now)
        await delete_expired_reach(session, now - _REACH)


async def publish_due(services: Services) -> float:
    """Publish every scheduled entry whose embargo has lifted.

    Returns:
        Seconds until the next call is due.
    """
    async with services.store.reading() as session:
        due = await list_due(session, services.now() + timedelta(seconds=_POLL))
    for slug, entry_id, lifts in due:
        wait = (lifts - services.now()).total_seconds()
        if wait > 0:
            return min(wait, _POLL)
        await _publish(services, (slug, entry_id))
    return _POLL


async def _publish(services: Services, key: tuple[str, str]) -> None:
    operation = Operation(SCHEDULE, "publishDraft", *key)

    async def act(session: AsyncSession) -> Written:
        recorded = await publish_due_entry(session, key, services.now())
        if recorded is None:
            return Written(b"{}", detail=None)
        written = entry_written(services.form, recorded)
        return replace(written, detail={"revision": recorded.change.entry.revision})

    try:
        await write(services, operation, act)
    except TimelineError as refusal:
        # The entry was deleted or its coverage closed since it was listed. It is not published.
        _log.warning("scheduled entry %s of %s is not published: %s", key[1], key[0], refusal)
