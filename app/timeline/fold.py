"""Fold: computes the page as of an event from the journal, by applying each event's state."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from app.timeline.coverage import Coverage, KeyEvent
from app.timeline.cursor import Cursor
from app.timeline.entry import Entry
from app.timeline.event import Event


@dataclass(frozen=True, slots=True)
class Page:
    """A coverage and its public entries by id, as of the coverage's cursor."""

    coverage: Coverage
    entries: dict[str, Entry]


def apply_entry(
    coverage: Coverage, before: Entry | None, after: Entry, cursor: Cursor, at: datetime
) -> Coverage:
    """Return the coverage after an entry's event: its count, pin, key events, summary and head.

    Args:
        coverage: the state before the event.
        before: the public entry before the event; None if the event publishes it.
        after: the public entry after the event.
        cursor: the event's cursor.
        at: the event's time.
    """
    others = coverage.without(after.id)
    if after.status == "retracted" and others.summary == after.id:
        others = replace(others, summary=None)
    key_events = others.key_events
    if after.key_event and after.published_at is not None:
        key_event = KeyEvent(after.id, after.title, after.published_at)
        if any(k.entry_id == after.id for k in coverage.key_events):
            # Replaced at its index: a change must not reorder two that were published at one time.
            listed = coverage.key_events
            key_events = tuple(key_event if k.entry_id == after.id else k for k in listed)
        else:
            key_events = tuple(sorted((*key_events, key_event), key=lambda k: k.published_at))
    return replace(
        others,
        cursor=cursor,
        updated_at=at,
        entry_count=coverage.entry_count + _counts(after) - _counts(before),
        pinned=after.id if after.pinned else others.pinned,
        key_events=key_events,
    )


def _counts(entry: Entry | None) -> bool:
    return entry is not None and entry.status == "published"


def fold(page: Page | None, events: Iterable[Event]) -> Page | None:
    """Apply the journal's next events to a page.

    Args:
        page: the page to start from; None before the first event.
        events: in order, without a gap, from the page's cursor on.

    Returns:
        The page after the last event; None if nothing was public yet.

    Raises:
        ValueError: the events do not follow on from the page.
    """
    coverage = page.coverage if page else None
    entries = dict(page.entries) if page else {}
    for event in events:
        if event.seq != (coverage.cursor.seq if coverage else 0) + 1:
            raise ValueError(f"event {event.seq} does not follow on")
        if event.details is not None:
            # Keep the page's own count: a later retraction may already have removed an entry from
            # these details that this page still has, and that event will itself be counted.
            count = coverage.entry_count if coverage else 0
            coverage = replace(event.details, entry_count=count)
        elif event.entry is not None and coverage is not None:
            before = entries.get(event.entry.id)
            coverage = apply_entry(coverage, before, event.entry, event.cursor, event.at)
            entries[event.entry.id] = event.entry
        else:
            raise ValueError(f"event {event.seq} carries nothing to fold in")
    return Page(coverage, entries) if coverage else None
