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

    Of a full list that a key event has left, one is missing at the end: the next older one is known
    to who knows the other entries, `apply_event` or the store.

    Args:
        coverage: the state before the event.
        before: the public entry before the event; None if the event publishes it.
        after: the public entry after the event.
        cursor: the event's cursor.
        at: the event's time.
    """
    # The list is not touched for an ordinary entry: the store decodes it when it is used.
    if after.key_event or (before is not None and before.key_event):
        others = [k for k in coverage.key_events if k.entry_id != after.id]
        own = [_key_event(after)] if after.key_event else []
        coverage = coverage.with_key_events([*others, *own])
    was_pinned, was_summary = coverage.pinned == after.id, coverage.summary == after.id
    return replace(
        coverage,
        cursor=cursor,
        updated_at=at,
        entry_count=coverage.entry_count + _counts(after) - _counts(before),
        pinned=after.id if after.pinned else None if was_pinned else coverage.pinned,
        summary=None if was_summary and after.status == "retracted" else coverage.summary,
    )


def apply_event(
    coverage: Coverage, entries: dict[str, Entry], after: Entry, cursor: Cursor, at: datetime
) -> Coverage:
    """Apply an entry's event to the coverage, and to its public entries, which it changes.

    Args:
        coverage: the state before the event.
        entries: all public entries before the event, by id.
        after: the public entry after the event.
        cursor: the event's cursor.
        at: the event's time.
    """
    changed = apply_entry(coverage, entries.get(after.id), after, cursor, at)
    entries[after.id] = after
    if changed.key_events is coverage.key_events:
        return changed
    return complete_key_events(changed, entries.values())


def complete_key_events(coverage: Coverage, entries: Iterable[Entry]) -> Coverage:
    """Add the next older key event to a list that one has left.

    Args:
        coverage: the coverage, as changed.
        entries: its public entries.
    """
    if not coverage.may_lack_key_event:
        return coverage
    return coverage.with_key_events(_key_event(entry) for entry in entries if entry.key_event)


def _key_event(entry: Entry) -> KeyEvent:
    assert entry.published_at is not None
    return KeyEvent(entry.id, entry.title, entry.published_at, entry.seq or 0)


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
            # Keep the page's own count and key events: a later retraction may already have removed
            # an entry from these details that this page still has, and that event will itself be
            # applied.
            count = coverage.entry_count if coverage else 0
            key_events = coverage.key_events if coverage else ()
            coverage = replace(event.details, entry_count=count, key_events=key_events)
        elif event.entry is not None and coverage is not None:
            coverage = apply_event(coverage, entries, event.entry, event.cursor, event.at)
        else:
            raise ValueError(f"event {event.seq} carries nothing to fold in")
    return Page(coverage, entries) if coverage else None
