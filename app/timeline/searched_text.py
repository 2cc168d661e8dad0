"""Searched text: the visible words of an entry, in the order in which they are shown."""

from app.timeline.entry import Entry


def searched_texts(entry: Entry) -> list[str]:
    """Return the texts of an entry below its headline, each on one line, without empty ones."""
    claims = (f"{claim.text or ''} ({claim.source.name})" for claim in entry.claims)
    media = (text for each in entry.media for text in (each.caption, each.alt, each.credit))
    texts = (
        entry.text,
        *claims,
        *(figure.line for figure in entry.figures),
        *media,
        entry.place.name if entry.place else "",
        ", ".join(byline.name for byline in entry.bylines),
        ", ".join(entry.tags),
        entry.correction.note if entry.correction else "",
    )
    return [" ".join(text.split()) for text in texts if text]
