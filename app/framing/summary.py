"""The beginning of an entry's words, for where the whole has no room."""

from app.timeline.entry import Entry
from app.timeline.truncation import truncate

_LENGTH = 280  # characters


def summarise(entry: Entry) -> str:
    """Plain text on one line: of a tombstone its note, without a text what its pictures show."""
    note = " ".join(entry.retraction.note.split()) if entry.retraction else ""
    return truncate(note or entry.opening, _LENGTH)
