"""The beginning of an entry's words, for where the whole has no room."""

from app.timeline.entry import Entry
from app.timeline.truncation import truncate

_LENGTH = 280  # characters


def summarise(entry: Entry) -> str:
    """Plain text on one line: of a tombstone its note, without a text what its pictures show."""
    if entry.retraction:
        return truncate(" ".join(entry.retraction.note.split()), _LENGTH)
    return entry.opening(_LENGTH)
