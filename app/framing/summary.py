"""The beginning of an entry's words, for where the whole has no room."""

from app.timeline.entry import Entry, plain_text

_LENGTH = 280  # characters


def summarise(entry: Entry) -> str:
    """Plain text on one line: of a tombstone its note, without a text what its pictures show."""
    text = entry.retraction.note if entry.retraction else ""
    text = text or (plain_text(entry.body.html) if entry.body else "")
    text = text or next((media.caption or media.alt for media in entry.media), "")
    return text if len(text) <= _LENGTH else text[: _LENGTH - 1].rsplit(" ", 1)[0] + "…"
