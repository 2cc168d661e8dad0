"""What becomes of a draft before its publication: handed in, returned, held, taken back.

None of it is a save, so the revision stays: whoever has the words open may go on with them.
"""

from dataclasses import replace
from datetime import datetime

from app.timeline.change import check_content, check_open
from app.timeline.coverage import Coverage
from app.timeline.entry import Entry, Returned
from app.timeline.errors import (
    EntryNotSubmitted,
    EntryPublic,
    EntryRetracted,
    EntryScheduled,
    EntrySubmitted,
)


def check_in_hand(entry: Entry) -> None:
    """Refuse the author a draft that is with the editors.

    Raises:
        EntrySubmitted: it is handed in.
        EntryScheduled: an editor has passed it already.
    """
    _check_draft(entry)
    if entry.submitted_at is not None:
        raise EntrySubmitted("The draft is handed in: take it back before you change it.")


def submit(entry: Entry, now: datetime) -> Entry:
    """Hand a draft in to the editors; handed in again, it keeps its place in their row.

    Raises:
        EntryScheduled: it has gone further already.
    """
    _check_draft(entry)
    if entry.submitted_at is not None:
        return entry
    return replace(entry, submitted_at=now, returned=None)


def take_back(entry: Entry) -> Entry:
    """Undo the handing in; nothing happens to a draft that is not handed in.

    Raises:
        EntryScheduled: it has gone further already.
    """
    _check_draft(entry)
    return replace(entry, submitted_at=None)


def return_draft(entry: Entry, note: str, by: str, now: datetime) -> Entry:
    """Give a draft back to its author.

    Args:
        entry: as it is.
        note: what the author is told.
        by: the editor's name.
        now: the time of it.

    Raises:
        EntryNotSubmitted: it was not handed in.
        EntryScheduled: it has gone further already.
    """
    _check_draft(entry)
    if entry.submitted_at is None:
        raise EntryNotSubmitted("The draft is not handed in.")
    return replace(entry, submitted_at=None, returned=Returned(note, now, by))


def hold(coverage: Coverage, entry: Entry, until: datetime) -> Entry:
    """Publish an entry a little later, so that it can still be undone.

    One that goes out earlier anyway stays as it is.

    Raises:
        CoveragePlanned, CoverageClosed, EntryPublic, EmptyEntry: as of `publish`.
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
    """Make a scheduled entry a draft again, as it was; of a draft nothing changes.

    Raises:
        EntryPublic, EntryRetracted: it is out.
    """
    if entry.status == "retracted":
        raise EntryRetracted("The entry is retracted, and that is final.")
    if entry.is_public:
        raise EntryPublic("The entry is out: it can be retracted, and no longer held back.")
    return replace(entry, status="draft", embargo_until=None)


def restore(entry: Entry, entry_id: str, now: datetime) -> Entry:
    """A new draft with the words of an entry that was retracted.

    Args:
        entry: as the retraction found it.
        entry_id: the draft's own; the old one stays with the tombstone.
        now: the time of it.
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
    )


def _check_draft(entry: Entry) -> None:
    if entry.status == "scheduled":
        raise EntryScheduled("The entry is about to be published: only an editor still changes it.")
