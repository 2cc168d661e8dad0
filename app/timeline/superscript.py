"""Superscript and subscript in plain text: 10⁶, H₂O.

Unicode has small raised and lowered forms of digits, signs and many letters; they are used if all
characters of the text have one. Otherwise the text follows `^` or `_` in parentheses: `10^(1.5)`.
A text without letters or digits (®, *) reads the same on the line, and stays.

Source: Unicode Character Database, decompositions `<super>` and `<sub>`.
"""

import unicodedata
from itertools import chain

# The blocks with such forms; searching all of Unicode would take too long at each start.
_BLOCKS = (
    *(range(0x00AA, 0x00BB), range(0x02B0, 0x0300), range(0x10FC, 0x10FD), range(0x1D2C, 0x1DC0)),
    *(range(0x2070, 0x20A0), range(0x2C7C, 0x2C7E), range(0xA69C, 0xA69E), range(0xA770, 0xA771)),
    *(range(0xA7F0, 0xA7FA), range(0xAB5C, 0xAB6A), range(0x10780, 0x107BB)),
    range(0x1E030, 0x1E06E),
)


def _table(kind: str) -> dict[str, str]:
    table: dict[str, str] = {}
    for form in map(chr, chain.from_iterable(_BLOCKS)):
        tag, *base = unicodedata.decomposition(form).split() or [""]
        if tag == kind and len(base) == 1:
            table.setdefault(chr(int(base[0], 16)), form)
    return table | {"-": table["\u2212"]}


_RAISED, _LOWERED = _table("<super>"), _table("<sub>")


def superscript(text: str) -> str:
    """Convert a text to superscript in plain text."""
    return _shift(text, _RAISED, "^")


def subscript(text: str) -> str:
    """Convert a text to subscript in plain text."""
    return _shift(text, _LOWERED, "_")


def _shift(text: str, table: dict[str, str], sign: str) -> str:
    bare = " ".join(text.split())
    if not any(character.isalnum() for character in bare):
        return bare if any(c not in table for c in bare) else "".join(table[c] for c in bare)
    if all(character in table for character in bare):
        return "".join(table[character] for character in bare)
    return f"{sign}({bare})"
