"""Retraction: withdraw an entry everywhere.

In one transaction the entry becomes a tombstone, its content is removed from earlier events of the
journal, pictures and videos that nothing else shows are withdrawn, and the stored responses of
idempotent requests are redacted, so that a repeated request cannot return the content. After the
commit the files are deleted, and subscribers and response caches are notified. All retractions go
through this module: a transaction of another kind would leave content behind.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.newsroom.editions import Family
from app.newsroom.entries import find_in_family
from app.newsroom.forms import RetractionForm
from app.newsroom.write import Operation, write
from app.newsroom.written import Written, entry_written
from app.store.entries import list_translations
from app.store.idempotency import redact_coverage, redact_entry, redact_reason
from app.store.journal import Recorded, record_change, redact_reasons
from app.store.retracted import keep_withdrawn
from app.timeline import change as rules
from app.timeline.change import Change, check_revision
from app.timeline.edition import Outdated
from app.timeline.entry import Entry
from app.web.services import Services


async def retract(
    services: Services,
    operation: Operation,
    key: tuple[str, str],
    form: RetractionForm,
    revisions: Collection[int] | None = None,
) -> Written:
    """Replace a public entry by a tombstone.

    The content is kept for the newsroom alone, for as long as the operator has set.

    Args:
        services: the application's services.
        operation: the caller and the request.
        key: the coverage's slug and the entry's id.
        form: the reason for readers, and what becomes of the translations.
        revisions: the revisions that the caller accepts as the current one; None accepts any.

    Raises:
        UnknownCoverage, UnknownEntry: there is no such coverage or entry.
        EntryNotPublic, EntryRetracted: there is nothing public to retract.
        StaleRevision: the entry is at none of `revisions`.
    """

    async def act(session: AsyncSession) -> Written:
        now = services.now()
        family, entry = await find_in_family(session, key)
        rules.retract(family[key[0]], entry, form.note, now)
        check_revision(entry, revisions)
        recorded = await _retract(services, session, family, entry, form.note, now)
        others = await _follow(services, session, family, entry, form, now)
        return entry_written(services.form, replace(recorded, others=others))

    return await write(services, operation, act)


async def _retract(
    services: Services,
    session: AsyncSession,
    family: Family,
    entry: Entry,
    note: str,
    now: datetime,
) -> Recorded:
    """Retract one entry, with everything that holds its words."""
    change = rules.retract(family[entry.coverage], entry, note, now)
    # This also withdraws the media, and redacts the stored responses about them.
    recorded = await record_change(session, change)
    family[entry.coverage] = recorded.change.coverage
    written = entry_written(services.form, recorded)
    assert written.version is not None
    await redact_entry(session, entry.coverage, entry.id, written.body, written.version)
    await redact_coverage(session, entry.coverage, entry.id)
    if services.keep_retracted:
        await keep_withdrawn(session, entry, now)
    return recorded


async def _follow(
    services: Services,
    session: AsyncSession,
    family: Family,
    original: Entry,
    form: RetractionForm,
    now: datetime,
) -> tuple[Change, ...]:
    """Retract or mark the translations of a retracted entry, and the translations of these.

    Drafts are marked: an editor decides what becomes of their words.
    """
    changes: list[Change] = []
    outdated = Outdated("retracted", original.revision, form.note, original.language, now)
    for translation in await list_translations(session, original.coverage, original.id):
        if form.translations == "retract" and translation.is_public:
            recorded = await _retract(services, session, family, translation, form.note, now)
            changes.append(recorded.change)
            changes += await _follow(services, session, family, translation, form, now)
            continue
        await redact_reasons(session, translation)
        await redact_reason(session, translation.coverage, translation.id)
        change = rules.outdate(family[translation.coverage], translation, outdated, now)
        await record_change(session, change)
        family[translation.coverage] = change.coverage
        changes.append(change)
    return tuple(changes)
