"""Embargo: when a scheduled entry may be published; no journal event before that can leak it."""

from dataclasses import replace
from datetime import datetime

from app.timeline.entry import Entry, EntryStatus


def status_before_publication(
    *, draft: bool, embargo_until: datetime | None, now: datetime
) -> EntryStatus:
    """Return the status of a new entry: draft, scheduled, or published at once.

    `draft` takes precedence over the embargo; an embargo that has passed counts as none.
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
    """Change the embargo of a draft or a scheduled entry.

    With a time the entry is scheduled (and due at once if the time has passed); None makes it a
    draft.
    """
    return replace(
        entry,
        embargo_until=embargo_until,
        status="draft" if embargo_until is None else "scheduled",
    )
