"""Drafts: the steps before publication, such as submitting, returning and scheduling.

None of them is a save, so the revision stays: an editor with unsaved changes can still save them.
"""

from dataclasses import replace
from datetime import datetime

from app.timeline.change import check_content, check_open
from app.timeline.claim import without_history
from app.timeline.coverage import Coverage
from app.timeline.entry import Entry, Returned
from app.timeline.errors import (
    EntryNotSubmitted,
    EntryPublic,
    EntryRetracted,
    EntryScheduled,
    EntrySubmitted,
)


def check_not_submitted(entry: Entry) -> None:
    """Refuse the author a change to a draft that is with the editors.

    Raises:
        EntrySubmitted: it is submitted.
        EntryScheduled: an editor has already scheduled it.
    """
    _check_draft(entry)
    if entry.submitted_at is not None:
        raise EntrySubmitted("The draft is handed in: take it back before you change it.")


def submit(entry: Entry, now: datetime) -> Entry:
    """Submit a draft to the editors; submitted again, it keeps its place in their queue.

    Raises:
        EntryScheduled: it is already scheduled.
    """
    _check_draft(entry)
    if entry.submitted_at is not None:
        return entry
    return replace(entry, submitted_at=now, returned=None)


def withdraw(entry: Entry) -> Entry:
    """Withdraw a submitted draft from the editors; any other draft stays unchanged.

    Raises:
        EntryScheduled: it is already scheduled.
    """
    _check_draft(entry)
    return replace(entry, submitted_at=None)


def return_draft(entry: Entry, note: str, by: str, now: datetime) -> Entry:
    """Return a draft to its author.

    Args:
        entry: the current state.
        note: the editor's note to the author.
        by: the editor's name.
        now: the time of the return.

    Raises:
        EntryNotSubmitted: it was not submitted.
        EntryScheduled: it is already scheduled.
    """
    _check_draft(entry)
    if entry.submitted_at is None:
        raise EntryNotSubmitted("The draft is not handed in.")
    return replace(entry, submitted_at=None, returned=Returned(note, now, by))


def delay_publication(coverage: Coverage, entry: Entry, until: datetime) -> Entry:
    """Schedule an entry's publication a little later, so that it can still be undone.

    An entry that is scheduled for an earlier time stays unchanged.

    Raises:
        CoveragePlanned, CoverageClosed, EntryPublic, EmptyEntry: as in `publish`.
    """
    check_open(coverage)
    if entry.is_public:
        raise EntryPublic("The entry is published already.")
    check_content(entry)
    due = entry.embargo_until if entry.status == "scheduled" else None
    if due is not None and due <= until:
        return entry
    return replace(entry, status="scheduled", embargo_until=until)


def unschedule(entry: Entry) -> Entry:
    """Make a scheduled entry a draft again, without its embargo.

    Raises:
        EntryPublic, EntryRetracted: it is already published or retracted.
    """
    if entry.status == "retracted":
        raise EntryRetracted("The entry is retracted, and that is final.")
    if entry.is_public:
        raise EntryPublic("The entry is published: it can be retracted, but no longer held back.")
    return replace(entry, status="draft", embargo_until=None)


def restore(entry: Entry, entry_id: str, now: datetime) -> Entry:
    """Create a draft with the words of a retracted entry.

    Args:
        entry: its state before the retraction.
        entry_id: the new draft's id; the old one stays with the tombstone.
        now: the time of the restoration.
    """
    return replace(
        entry,
        id=entry_id,
        status="draft",
        seq=None,
        revision=1,
        pinned=False,
        published_at=None,
        updated_at=now,
        correction=None,
        claims=without_history(entry.claims, now),
    )


def _check_draft(entry: Entry) -> None:
    if entry.status == "scheduled":
        raise EntryScheduled("The entry is about to be published: only an editor can change it.")
