"""Isolation of bidirectional text where there is no markup: titles, feeds, the terminal.

An override or an embedding (U+202A to U+202E) in a text would also reorder the text beside it.
Between FSI and PDI it affects only its own text. A text without these characters is unchanged; HTML
elements isolate their text by `dir`.

Source: Unicode, UAX #9, sections 2.4 and 2.5.
"""

import re

_CONTROL = re.compile("[\u202a-\u202e\u2066-\u2069]")
_FSI, _PDI = "\u2068", "\u2069"
_ISOLATES = "\u2066\u2067\u2068"


def isolate(text: str) -> str:
    """Return the text, isolated if it could reorder the text beside it."""
    if not _CONTROL.search(text):
        return text
    characters, depth, is_exposed = [], 0, False
    for character in text:
        if character in _ISOLATES:
            depth += 1
        elif character == _PDI:
            if not depth:
                continue  # it would end an isolate that is not its own
            depth -= 1
        elif not depth and _CONTROL.match(character):
            is_exposed = True
        characters.append(character)
    balanced = "".join(characters) + _PDI * depth
    return f"{_FSI}{balanced}{_PDI}" if is_exposed else balanced
