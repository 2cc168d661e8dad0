"""Truncation: cuts a text to a length, in any script.

The cut lies between grapheme clusters, so that an emoji, a flag or a letter with its marks stays
whole. A space in the last third is preferred; scripts without spaces between words are cut at the
full length. No number is cut in the last third, since it would become another number.

Source: Unicode, UAX #29 (grapheme clusters).
"""

import regex

_CLUSTER = regex.compile(r"\X")
_SPACE = regex.compile(r"\s+")
# A number at the end of the kept text, with its grouping characters.
_NUMBER = regex.compile(
    r"[+\-\u2212]?\p{Nd}(?:[\p{Nd}.,'\u2019\u066b\u066c\u00a0\u202f ]*\p{Nd})?\s*$"
)
_NEXT_DIGIT = regex.compile(r"[.,'\u2019\u066b\u066c]?\s?\p{Nd}")
_ELLIPSIS = "…"


def truncate(text: str, limit: int) -> str:
    """Return the text, or its beginning with an ellipsis.

    Args:
        text: a text on one line.
        limit: the result's most characters (code points), including the ellipsis.
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
    """Find the end of the last grapheme cluster that fits; if the first does not fit, it is cut."""
    # Start the search at the last ASCII character: a cluster always begins there.
    start = room
    while start and not text[start].isascii():
        start -= 1
    end = start
    for cluster in _CLUSTER.finditer(text, start):
        if cluster.end() > room:
            break
        end = cluster.end()
    return end or room
