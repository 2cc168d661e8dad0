"""Word differences: what came into a text and what went out of it, word by word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_WORD = re.compile(r"\s+|\w+|[^\w\s]")
# Words of either text that are compared one by one: the comparison may take the square of it.
_MOST_COMPARED = 2_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of two texts: in both of them, or in the later or the earlier one only."""

    kind: Literal["same", "inserted", "deleted"]
    text: str


def word_diff(before: str, after: str) -> Iterator[Piece]:
    """Compare two texts; the pieces without the inserted ones are `before`, and vice versa.

    Texts that differ over more than some thousand words are shown one after the other there.
    """
    old, new = _WORD.findall(before), _WORD.findall(after)
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    yield from _piece("same", old[:start])
    old_middle, new_middle = old[start : len(old) - end], new[start : len(new) - end]
    if max(len(old_middle), len(new_middle)) > _MOST_COMPARED:
        codes = [("replace", 0, len(old_middle), 0, len(new_middle))]
    else:
        matcher = SequenceMatcher(None, old_middle, new_middle, autojunk=True)
        codes = list(matcher.get_opcodes())
    for code, from_old, to_old, from_new, to_new in codes:
        if code == "equal":
            yield from _piece("same", old_middle[from_old:to_old])
        else:
            yield from _piece("deleted", old_middle[from_old:to_old])
            yield from _piece("inserted", new_middle[from_new:to_new])
    yield from _piece("same", old[len(old) - end :])


def _piece(kind: Literal["same", "inserted", "deleted"], words: list[str]) -> Iterator[Piece]:
    if words:
        yield Piece(kind, "".join(words))
