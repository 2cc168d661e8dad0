"""Redaction: a retraction removes the entry's words from the journal's earlier events."""

from dataclasses import replace

from app.timeline.entry import Entry
from app.timeline.event import Event


def redact(event: Event, tombstone: Entry) -> Event:
    """Remove a retracted entry's words from an event, as if it had always been a tombstone.

    An event of the entry then carries the tombstone; a `coverage.*` event loses the entry from its
    key events (whose titles are the entry's words), its pin and its count. Others stay unchanged.
    """
    if event.entry is not None and event.entry.id == tombstone.id:
        return replace(event, entry=tombstone)
    details = event.details
    if details is None:
        return event
    assert tombstone.seq is not None
    is_counted = details.cursor.seq >= tombstone.seq
    redacted = replace(details.without(tombstone.id), entry_count=details.entry_count - is_counted)
    return replace(event, details=redacted)
