"""Search words: the form in which words are compared, equal for every database.

Case, accents, vowel signs and the variants of a letter that people type for one another make no
difference: `Ереван` and `ЕРЕВАН`, `ё` and `е`, Georgian capitals, Armenian `և` and `եւ`, Arabic
with and without vowel signs, tatweel and the forms of alef, Azerbaijani `ı` and `i`, `ə` and `e`.
A word is a run of letters and digits. Each has its place in the text, so that it can be marked
there.

Source: Unicode, UAX #15 (NFKD), and the chapters on Armenian, Arabic and Georgian.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_WORD = 64  # characters that are compared; a key of an index has a limit

# Letters without a decomposition that are typed for one another.
_LETTERS = str.maketrans(
    {
        "ı": "i",
        "ə": "e",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ł": "l",
        "ٱ": "ا",
        "ى": "ي",
        "ی": "ي",
        "ک": "ك",
        "ة": "ه",
    }
)
# Signs inside a word that are no part of it: Armenian signs of intonation stand on a vowel.
_SIGNS = frozenset("\u0559\u055b\u055c\u055e\u055f\u0640")
_ARMENIAN_EV = ("եւ", "եվ")  # capitals of `և` are written with either
_IGNORED = {"Mn", "Me", "Cf"}


@dataclass(frozen=True, slots=True)
class Word:
    """A folded word, and where it begins and ends in the text."""

    folded: str
    start: int
    end: int


class _Folding(dict[int, str]):
    """The folded form of each character: letters and digits, nothing, or a space between words."""

    def __missing__(self, code: int) -> str:
        folded = "".join(map(_fold, unicodedata.normalize("NFKD", chr(code)).casefold()))
        folded = folded.translate(_LETTERS)
        if len(self) < _MOST_KNOWN:
            self[code] = folded
        return folded


_WORD = re.compile("[^ ]+")  # of a folded text
_MOST_KNOWN = 20_000  # characters; there are a million


def _fold(character: str) -> str:
    category = unicodedata.category(character)
    if category in _IGNORED or character in _SIGNS:
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    return character if category[0] in "LN" or category == "Mc" else " "


_FOLDING = _Folding()


def fold_words(text: str) -> list[str]:
    """Return the folded words of a text."""
    return [_shorten(word) for word in text.translate(_FOLDING).split()]


def find_words(text: str) -> Iterator[Word]:
    """Yield the words of a text with their places; the folded ones are those of `fold_words`."""
    if all(len(_FOLDING[ord(character)]) == 1 for character in set(text)):
        # As in most texts, the places are those in the folded one, which is searched much faster.
        for found in _WORD.finditer(text.translate(_FOLDING)):
            yield Word(_shorten(found[0]), *found.span())
    else:
        yield from _find_by_character(text)


def _find_by_character(text: str) -> Iterator[Word]:
    letters, start, end = "", 0, 0
    for place, character in enumerate(text):
        first, *others = _FOLDING[ord(character)].split(" ")
        if first or (letters and not others):  # a sign belongs to the letter before it
            start = start if letters else place
            letters, end = letters + first, place + 1
        for part in others:
            if letters:
                yield Word(_shorten(letters), start, end)
            letters, start, end = part, place, place + 1
    if letters:
        yield Word(_shorten(letters), start, end)


def _shorten(word: str) -> str:
    return word.replace(*_ARMENIAN_EV)[:LONGEST_WORD]
