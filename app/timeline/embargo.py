"""When a scheduled entry may go out. No journal event exists before that, so none can leak it."""

from dataclasses import replace
from datetime import datetime

from app.timeline.entry import Entry, EntryStatus


def status_before_publication(
    *, draft: bool, embargo_until: datetime | None, now: datetime
) -> EntryStatus:
    """What a new entry becomes: a draft, scheduled, or published at once.

    `draft` wins over the embargo; an embargo that has passed is none.
    """
    if draft:
        return "draft"
    return "scheduled" if embargo_until is not None and embargo_until > now else "published"


def is_due(entry: Entry, now: datetime) -> bool:
    """Whether a scheduled entry's embargo has lifted."""
    return (
        entry.status == "scheduled"
        and entry.embargo_until is not None
        and entry.embargo_until <= now
    )


def reschedule(entry: Entry, embargo_until: datetime | None) -> Entry:
    """Move a draft's or a scheduled entry's embargo.

    A time makes it scheduled (one that has passed is due at once); None makes it a draft.
    """
    return replace(
        entry,
        embargo_until=embargo_until,
        status="draft" if embargo_until is None else "scheduled",
    )
