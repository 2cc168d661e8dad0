"""Redaction: a retraction removes the entry's words from the journal's earlier events."""

from dataclasses import replace

from app.timeline.entry import Entry
from app.timeline.event import Event


def is_redaction(event: Event) -> bool:
    """Whether an event removes words from earlier events of the journal.

    A retraction does, and an event that marks the translation of a retracted entry: the notes on
    that entry are in the translation's earlier events.
    """
    if event.type == "entry.retracted":
        return True
    original = event.entry.translation_of if event.entry else None
    outdated = original.outdated if original else None
    is_marked = outdated is not None and outdated.because == "retracted"
    return event.type == "entry.outdated" and is_marked


def redact(event: Event, entry: Entry) -> Event:
    """Remove words from an event, as if they had never been there.

    Args:
        event: an earlier event.
        entry: the tombstone of a retracted entry, or the translation of one.

    Returns:
        An event of the tombstone's entry then carries the tombstone; a `coverage.*` event loses
        the entry from its key events (whose titles are the entry's words), its pin and its count.
        An event of the translation loses the note on its original. Others stay unchanged.
    """
    details = event.details
    if event.entry is not None and event.entry.id == entry.id:
        original = event.entry.translation_of
        if entry.status == "retracted":
            return replace(event, entry=entry)
        if original is None or original.outdated is None:
            return event
        silent = replace(original, outdated=replace(original.outdated, note=None))
        return replace(event, entry=replace(event.entry, translation_of=silent))
    if details is None or entry.status != "retracted":
        return event
    assert entry.seq is not None
    is_counted = details.cursor.seq >= entry.seq
    redacted = replace(details.without(entry.id), entry_count=details.entry_count - is_counted)
    return replace(event, details=redacted)
