"""Search query: what a reader has typed into the search field.

Words are sought together, in any order: `port fire`. What stands in quotation marks is sought as it
stands, and what follows a minus sign must not occur: `"port of Poti" -fire`. Everything else is
text, so nothing that is typed is an error.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.timeline.search_words import find_words, fold_words

LONGEST_QUERY = 200  # characters
_MOST_TERMS = 12  # further ones are left out, since each costs time
_SHORTEST_STEM = 3  # letters of a word of which other endings are found too
_QUOTES = '"“”„‟«»″\uff02'
_PART = re.compile(rf"((?<!\S)-)?(?:[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}]?|([^\s{_QUOTES}]+))")


@dataclass(frozen=True, slots=True)
class Term:
    """Words in a row; with `is_stem`, the last may go on, so that other endings are found too."""

    words: tuple[str, ...]
    is_stem: bool

    def matches(self, words: Sequence[str]) -> bool:
        """Whether these words, as many as it has, are its own."""
        *first, last = self.words
        return list(words[:-1]) == first and (
            words[-1].startswith(last) if self.is_stem else words[-1] == last
        )


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """The terms that must occur, and those that must not."""

    wanted: tuple[Term, ...] = ()
    unwanted: tuple[Term, ...] = ()

    def find(self, text: str) -> list[tuple[int, int]]:
        """Return where the wanted terms are in a text, in order, without overlaps."""
        words = list(find_words(text))
        folded = [word.folded for word in words]
        spans = sorted(
            (words[start].start, words[start + len(term.words) - 1].end)
            for term in self.wanted
            for start in range(len(words) - len(term.words) + 1)
            if term.matches(folded[start : start + len(term.words)])
        )
        found: list[tuple[int, int]] = []
        for start, end in spans:
            if found and start < found[-1][1]:
                found[-1] = (found[-1][0], max(end, found[-1][1]))
            else:
                found.append((start, end))
        return found


def parse_query(text: str) -> SearchQuery:
    """Parse a query; what has neither letters nor digits is left out."""
    terms: dict[bool, dict[Term, None]] = {True: {}, False: {}}
    for minus, quoted, plain in _PART.findall(text):
        words = tuple(fold_words(quoted or plain))
        if words and sum(map(len, terms.values())) < _MOST_TERMS:
            last = words[-1]
            is_stem = not quoted and len(last) >= _SHORTEST_STEM and not last.isdecimal()
            terms[bool(minus)][Term(words, is_stem)] = None
    return SearchQuery(tuple(terms[False]), tuple(terms[True]))
