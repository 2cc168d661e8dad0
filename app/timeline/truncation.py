"""Truncation: a text cut to a length, in whatever script it is written.

It is cut between grapheme clusters, so that an emoji, a flag or a letter with its marks stays
whole. Scripts without spaces between words are cut where the length is reached; a space is
preferred only in the last third, and no number is cut there, which would become another one.

Source: Unicode, UAX #29 (grapheme clusters).
"""

import regex

_CLUSTER = regex.compile(r"\X")
_SPACE = regex.compile(r"\s+")
# A number at the end of what is kept, with what groups its digits.
_NUMBER = regex.compile(
    r"[+\-\u2212]?\p{Nd}(?:[\p{Nd}.,'\u2019\u066b\u066c\u00a0\u202f ]*\p{Nd})?\s*$"
)
_NEXT_DIGIT = regex.compile(r"[.,'\u2019\u066b\u066c]?\s?\p{Nd}")
_ELLIPSIS = "…"


def truncate(text: str, limit: int) -> str:
    """The text, or its beginning with an ellipsis.

    Args:
        text: on one line.
        limit: characters (code points) that the result has at most, the ellipsis included.
    """
    if len(text) <= limit:
        return text
    room = limit - len(_ELLIPSIS)
    earliest = room * 2 // 3
    end = _last_boundary(text, room)
    if not text[end].isspace():
        spaces = [space.start() for space in _SPACE.finditer(text, earliest, end)]
        end = spaces[-1] if spaces else end
    number = _NUMBER.search(text, earliest, end) if _NEXT_DIGIT.match(text, end) else None
    if number and number.start() > earliest:
        end = number.start()
    return text[:end].rstrip() + _ELLIPSIS


def _last_boundary(text: str, room: int) -> int:
    """Where the last grapheme cluster that fits ends; a single one that does not fit is cut."""
    # Clusters are counted from the last ASCII character on: one always begins there.
    start = room
    while start and not text[start].isascii():
        start -= 1
    end = start
    for cluster in _CLUSTER.finditer(text, start):
        if cluster.end() > room:
            break
        end = cluster.end()
    return end or room
