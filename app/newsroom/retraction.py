"""Retraction: withdraw an entry everywhere.

In one transaction the entry becomes a tombstone, its content is removed from earlier events of the
journal, pictures and videos that nothing else shows are withdrawn, and the stored responses of
idempotent requests are redacted, so that a repeated request cannot return the content. After the
commit the files are deleted, and subscribers and response caches are notified. All retractions go
through this module: a transaction of another kind would leave content behind.
"""

from collections.abc import Collection

from sqlmodel.ext.asyncio.session import AsyncSession

from app.newsroom.entries import find_locked
from app.newsroom.write import Operation, write
from app.newsroom.written import Written, entry_written
from app.store.idempotency import redact_coverage, redact_entry
from app.store.journal import record_change
from app.store.retracted import keep_withdrawn
from app.timeline import change as rules
from app.timeline.change import check_revision
from app.web.services import Services


async def retract(
    services: Services,
    operation: Operation,
    key: tuple[str, str],
    note: str,
    revisions: Collection[int] | None = None,
) -> Written:
    """Replace a public entry by a tombstone.

    The content is kept for the newsroom alone, for as long as the operator has set.

    Args:
        services: the application's services.
        operation: the caller and the request.
        key: the coverage's slug and the entry's id.
        note: the reason, for readers.
        revisions: the revisions that the caller accepts as the current one; None accepts any.

    Raises:
        UnknownCoverage, UnknownEntry: there is no such coverage or entry.
        EntryNotPublic, EntryRetracted: there is nothing public to retract.
        StaleRevision: the entry is at none of `revisions`.
    """

    async def act(session: AsyncSession) -> Written:
        now = services.now()
        coverage, entry = await find_locked(session, key)
        change = rules.retract(coverage, entry, note, now)
        check_revision(entry, revisions)
        # This also withdraws the media, and redacts the stored responses about them.
        written = entry_written(services.form, await record_change(session, change))
        assert written.version is not None
        await redact_entry(session, *key, written.body, written.version)
        await redact_coverage(session, *key)
        if services.keep_retracted:
            await keep_withdrawn(session, entry, now)
        return written

    return await write(services, operation, act)
