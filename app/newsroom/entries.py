"""Operations on entries, in the caller's transaction: lock and read, change, store.

`timeline/change.py` has the rules. This module checks permissions, looks up what a form refers to,
and assigns ids.
"""

import secrets
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.roles import Caller
from app.formats.public_json import dump_entry
from app.media.copies import copy_withdrawn
from app.newsroom.editions import Family, find_original, lock_editions, outdate_translations
from app.newsroom.fields import entry_fields
from app.newsroom.forms import (
    AmendmentForm,
    CorrectionForm,
    EntryForm,
    NewEntryForm,
    TranslationForm,
)
from app.newsroom.permissions import check_may_change
from app.newsroom.statement_forms import AssessmentForm
from app.store.entries import find_entry, remove_entry
from app.store.journal import Recorded, lock_coverage, record_change
from app.store.media import find_removed
from app.timeline import change as rules
from app.timeline.change import Change, check_revision
from app.timeline.claim import Assessment
from app.timeline.coverage import Coverage
from app.timeline.draft import delay_publication
from app.timeline.edition import Outdated, OutdatedReason
from app.timeline.embargo import is_due, reschedule, status_before_publication
from app.timeline.entry import Entry, EntryFields
from app.timeline.errors import (
    CoverageClosed,
    EntryPublic,
    EntryScheduled,
    UnknownEntry,
)
from app.web.problems import UnknownMedia

Revisions = Collection[int] | None


async def create_entry(
    session: AsyncSession,
    slug: str,
    form: NewEntryForm,
    caller: Caller,
    now: datetime,
    delay: timedelta | None = None,
) -> Recorded:
    """Publish a new entry, or store it as a draft or as scheduled.

    Args:
        session: the transaction.
        slug: the coverage's slug.
        form: the entry's content.
        caller: the author.
        now: the current time.
        delay: the safety delay, for which an entry that would be published now is only scheduled;
            None publishes it at once.

    Raises:
        NotAllowed: the caller is a contributor and the entry is not a draft.
        CoverageClosed: the coverage is closed and takes no new entries, not even drafts.
    """
    if not form.draft:
        caller.check("editor")
    if form.translation_of is None:
        family = {slug: await lock_coverage(session, slug)}
    else:
        family = await lock_editions(session, slug)
    coverage = family[slug]
    if coverage.status == "closed":
        raise CoverageClosed(f"The coverage {slug} is closed: reopen it to write in it.")
    fields = await entry_fields(session, form, caller, coverage, now)
    if form.translation_of is not None:
        original = await find_original(session, family, form.translation_of, slug, None)
        fields["translation_of"] = original
    fields.setdefault("language", coverage.language)
    entry = Entry(
        id=secrets.token_hex(8),
        coverage=slug,
        status="draft",
        updated_at=now,
        author=caller.id,
        embargo_until=form.embargo_until,
        **fields,
    )
    rules.check_content(entry)
    status = status_before_publication(draft=form.draft, embargo_until=form.embargo_until, now=now)
    if status == "published":
        change = _publish(coverage, entry, now, delay)
    else:
        change = Change(coverage, (replace(entry, status=status),))
    return await record_change(session, change, is_new=True)


async def amend_entry(
    session: AsyncSession,
    key: tuple[str, str],
    form: AmendmentForm,
    revisions: Revisions,
    caller: Caller,
    now: datetime,
) -> Recorded:
    """Amend a public entry, or save a draft.

    Args:
        session: the transaction.
        key: the coverage's slug and the entry's id.
        form: the members to change.
        revisions: the revisions that the caller accepts as the current one; None accepts any.
        caller: who makes the change.
        now: the current time.

    Raises:
        NotAllowed: the caller is a contributor, and the entry is public or by another author, or
            the form changes the embargo.
        EntrySubmitted: the caller is a contributor, and the draft is with the editors.
        EntryScheduled: the entry is scheduled, and the caller is a contributor or the form says
            `draft`.
        EntryPublic: the entry is public, and the form says `draft` or changes the embargo.
        StaleRevision: the entry is at none of `revisions`.
    """
    family, entry = await find_in_family(
        session, key, alone="translation_of" not in form.model_fields_set
    )
    coverage = family[key[0]]
    fields = await entry_fields(session, form, caller, coverage, now, entry)
    fields |= await _translation_field(session, family, form, entry)
    if entry.is_public:
        caller.check("editor")
        if form.draft:
            raise EntryPublic("The entry is published: readers would see this change at once.")
        if "embargo_until" in form.model_fields_set:
            raise EntryPublic("The entry is published: its embargo can no longer be changed.")
        change = rules.amend(coverage, entry, fields, now)
        check_revision(entry, revisions)
    else:
        check_may_change(entry, caller)
        if form.draft and entry.status == "scheduled":
            raise EntryScheduled("The entry is scheduled: unschedule it to go on writing.")
        check_revision(entry, revisions)
        if "embargo_until" in form.model_fields_set:
            caller.check("editor")
            entry = reschedule(entry, form.embargo_until)
        change = Change(coverage, (rules.save_draft(entry, fields, now),))
    return await record_change(session, change)


async def correct_entry(
    session: AsyncSession,
    key: tuple[str, str],
    form: CorrectionForm,
    revisions: Revisions,
    caller: Caller,
    now: datetime,
) -> Recorded:
    """Correct a public entry with a public note."""
    family, entry = await find_in_family(session, key)
    coverage = family[key[0]]
    fields = await entry_fields(session, form, caller, coverage, now, entry)
    fields |= await _translation_field(session, family, form, entry)
    change = rules.correct(coverage, entry, fields, form.note, now)
    check_revision(entry, revisions)
    return await _record_outdating(session, family, change, "corrected", form.note, now)


async def assess_entry(
    session: AsyncSession,
    key: tuple[str, str],
    form: AssessmentForm,
    revisions: Revisions,
    now: datetime,
) -> Recorded:
    """Say how far the newsroom has established a claim or a figure of a public entry."""
    family, entry = await find_in_family(session, key)
    assessment = Assessment(form.status, form.note, now)
    change = rules.assess(family[key[0]], entry, form.target, assessment)
    check_revision(entry, revisions)
    return await _record_outdating(session, family, change, "assessed", form.note, now)


async def check_translation(
    session: AsyncSession, key: tuple[str, str], revision: int, now: datetime
) -> Recorded:
    """Record that a translation was compared with a revision of its original.

    Raises:
        InvalidPayload: the entry is no translation, or the original has no such revision.
    """
    family, entry = await find_in_family(session, key)
    coverage, form = family[key[0]], TranslationForm(revision=revision)
    original = await find_original(session, family, form, coverage.slug, entry)
    if entry.is_public:
        change = rules.amend(coverage, entry, {"translation_of": original}, now)
    else:
        change = Change(coverage, (replace(entry, translation_of=original),))
    return await record_change(session, change)


async def _translation_field(
    session: AsyncSession, family: Family, form: EntryForm, entry: Entry
) -> EntryFields:
    if "translation_of" not in form.model_fields_set:
        return {}
    if form.translation_of is None:
        return {"translation_of": None}
    original = await find_original(session, family, form.translation_of, entry.coverage, entry)
    return {"translation_of": original}


async def _record_outdating(
    session: AsyncSession,
    family: Family,
    change: Change,
    because: OutdatedReason,
    note: str | None,
    now: datetime,
) -> Recorded:
    """Store a change that outdates the translations of its entry."""
    recorded = await record_change(session, change)
    if not change.events:
        return recorded
    entry = change.entry
    family[entry.coverage] = recorded.change.coverage
    outdated = Outdated(because, entry.revision, note, entry.language, entry.updated_at)
    key = (entry.coverage, entry.id)
    others = await outdate_translations(session, family, key, outdated, now)
    return replace(recorded, others=others)


async def pin_entry(session: AsyncSession, key: tuple[str, str], now: datetime) -> Recorded:
    """Pin an entry to the top of its coverage, in place of the entry that is pinned now."""
    coverage, entry = await find_locked(session, key)
    holder = None
    if coverage.pinned not in {None, entry.id}:
        holder = await find_entry(session, coverage.slug, coverage.pinned or "")
    change = rules.pin(coverage, entry, holder, now)
    return await record_change(session, change)


async def unpin_entry(session: AsyncSession, key: tuple[str, str], now: datetime) -> Recorded:
    """Unpin an entry; nothing happens if it is not pinned."""
    coverage, entry = await find_locked(session, key)
    change = rules.unpin(coverage, entry, now)
    return await record_change(session, change)


async def summarise_coverage(
    session: AsyncSession, key: tuple[str, str], now: datetime, *, is_summary: bool
) -> Change:
    """Make an entry the summary of its coverage; or no longer, if it is the summary."""
    coverage, entry = await find_locked(session, key)
    if is_summary:
        change = rules.summarise(coverage, entry, now)
    elif coverage.summary == entry.id:
        change = rules.summarise(coverage, None, now)
    else:
        change = Change(coverage)
    await record_change(session, change)
    return change


async def publish_entry(
    session: AsyncSession,
    key: tuple[str, str],
    now: datetime,
    delay: timedelta | None = None,
) -> Recorded:
    """Publish a draft or a scheduled entry, now or after the safety delay.

    Raises:
        UnknownMedia: the entry refers to a picture or video that was retracted and whose files
            have been deleted since.
    """
    coverage, entry = await find_locked(session, key)
    gone = await find_removed(session, [media.id for media in entry.media])
    if gone and not entry.is_public:
        places = [f"/media/{n}" for n, media in enumerate(entry.media) if media.id in gone]
        why = "was retracted, and its files have been deleted: remove it"
        raise UnknownMedia([(at, why) for at in places])
    if delay is None and not entry.is_public:
        media = await copy_withdrawn(session, entry.media, now, coverage.slug)
        entry = replace(entry, media=media)
    change = _publish(coverage, entry, now, delay)
    return await record_change(session, change)


def _publish(coverage: Coverage, entry: Entry, now: datetime, delay: timedelta | None) -> Change:
    if delay is None:
        return rules.publish(coverage, entry, now)
    return Change(coverage, (delay_publication(coverage, entry, now + delay),))


async def publish_due_entry(
    session: AsyncSession, key: tuple[str, str], now: datetime
) -> Recorded | None:
    """Publish a scheduled entry whose embargo has lifted.

    Returns:
        What was recorded; None if the entry is not due any more, for instance because another
        process has published it, or waits since its coverage was withdrawn.
    """
    coverage, entry = await find_locked(session, key)
    if coverage.withdrawn is not None or not is_due(entry, now):
        return None
    gone = await find_removed(session, [media.id for media in entry.media])
    available = [media for media in entry.media if media.id not in gone]
    media = await copy_withdrawn(session, available, now, coverage.slug)
    change = rules.publish(coverage, replace(entry, media=media), now)
    return await record_change(session, change)


async def delete_draft(session: AsyncSession, key: tuple[str, str], caller: Caller) -> Recorded:
    """Delete a draft or a scheduled entry.

    Raises:
        UnknownEntry: the entry does not exist, or is public.
        NotAllowed: the caller is a contributor and not the author.
        EntrySubmitted, EntryScheduled: the caller is a contributor, and the entry is submitted or
            scheduled.
    """
    coverage, entry = await find_draft(session, key)
    check_may_change(entry, caller)
    await remove_entry(session, entry)
    return Recorded(Change(coverage, (entry,)), {entry.id: dump_entry(entry)})


async def find_draft(session: AsyncSession, key: tuple[str, str]) -> tuple[Coverage, Entry]:
    """Lock a coverage and find a draft or a scheduled entry in it.

    Raises:
        UnknownEntry: the entry does not exist, or is public.
    """
    coverage, entry = await find_locked(session, key)
    if entry.is_public:
        raise UnknownEntry(f"There is no draft {entry.id} here.")
    return coverage, entry


async def find_in_family(
    session: AsyncSession, key: tuple[str, str], *, alone: bool = False
) -> tuple[Family, Entry]:
    """Lock a coverage with all its editions, and find an entry in it, whatever its status.

    Args:
        session: the transaction.
        key: the coverage's slug and the entry's id.
        alone: lock only the coverage itself.
    """
    slug = key[0]
    if alone:
        family = {slug: await lock_coverage(session, slug)}
    else:
        family = await lock_editions(session, slug)
    return family, await find_entry(session, *key)


async def find_locked(session: AsyncSession, key: tuple[str, str]) -> tuple[Coverage, Entry]:
    """Lock a coverage and find an entry in it, whatever the entry's status."""
    coverage = await lock_coverage(session, key[0])
    return coverage, await find_entry(session, *key)
