"""Retraction: an entry is withdrawn everywhere, whoever asks for it.

In one transaction the entry becomes a tombstone, earlier events of the journal lose its words, the
pictures and videos that nothing else shows are withdrawn, and what idempotent requests have written
is redacted, so that no repetition brings the words back. After the commit their files go, and
subscribers and response caches are told. Whoever writes in a transaction of their own would leave
words behind: nothing else records a retraction.
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
    """Leave a tombstone in a public entry's place.

    The newsroom keeps the words for as long as the operator has set, and nobody else.

    Args:
        services: the rooms.
        operation: who does it.
        key: the coverage's slug and the entry's id.
        note: why, for readers.
        revisions: which of them the caller has seen; None for whichever it is.

    Raises:
        UnknownCoverage, UnknownEntry: there is none.
        EntryNotPublic, EntryRetracted: there is nothing public to retract.
        StaleRevision: it is at none of those revisions.
    """

    async def act(session: AsyncSession) -> Written:
        now = services.now()
        coverage, entry = await find_locked(session, key)
        change = rules.retract(coverage, entry, note, now)
        check_revision(entry, revisions)
        # Also withdraws the media, and redacts what was written about them.
        written = entry_written(services.form, await record_change(session, change))
        assert written.version is not None
        await redact_entry(session, *key, written.body, written.version)
        await redact_coverage(session, *key)
        if services.keep_retracted:
            await keep_withdrawn(session, entry, now)
        return written

    return await write(services, operation, act)
