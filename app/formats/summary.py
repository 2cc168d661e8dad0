"""Summary: the beginning of an entry's words, for places without room for the whole."""

from app.timeline.entry import Entry
from app.timeline.truncation import truncate

_LENGTH = 280  # characters


def summarise(entry: Entry) -> str:
    """Plain text on one line: a tombstone's note, else an excerpt of the entry."""
    if entry.retraction:
        return truncate(" ".join(entry.retraction.note.split()), _LENGTH)
    return entry.excerpt(_LENGTH)
