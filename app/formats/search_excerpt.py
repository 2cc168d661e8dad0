"""Excerpts of entries that a search has found, with the matches marked as HTML."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from app.timeline.entry import Entry
from app.timeline.search_query import SearchQuery
from app.timeline.searched_text import searched_texts
from app.timeline.truncation import truncate

_LENGTH = 240  # characters
_BEFORE = 60  # of them before the first match
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The headline and a part of the words below it, as HTML with `<mark>` and no other element.

    `headline` is None if the entry has none; `text` is empty if there are no words below it.
    """

    headline: Markup | None
    text: Markup


def make_excerpt(entry: Entry, query: SearchQuery) -> Excerpt:
    """Return the excerpt of a published entry: of the words with the most matches."""
    texts = [(text, query.find(text)) for text in searched_texts(entry)]
    # Of equals the first one, which is the body if there is one.
    shown, found = max(texts, key=lambda text: len(text[1]), default=("", []))
    start = _start(shown, found[0][0]) if found else 0
    text = truncate(shown[start:], _LENGTH)
    marked = _mark(text, query.find(text))
    return Excerpt(
        headline=_mark(entry.headline, query.find(entry.headline)) if entry.headline else None,
        text=Markup(_ELLIPSIS) + marked if start else marked,  # noqa: S704  a constant
    )


def _start(text: str, first: int) -> int:
    """Return where an excerpt begins: at a word some way before the first match."""
    if first <= _BEFORE:
        return 0
    space = text.find(" ", first - _BEFORE, first)
    return first if space < 0 else space + 1


def _mark(text: str, spans: Sequence[tuple[int, int]]) -> Markup:
    marked, done = Markup(), 0
    for start, end in spans:
        marked += Markup("{}<mark>{}</mark>").format(text[done:start], text[start:end])
        done = end
    return marked + text[done:]
