"""Values of figures as people type them: `107`, `>150`, `about 60`, `11-13`, `dozens`, `?`.

The words of all interface languages are understood in each of them. Digits may be of any script;
separators are those of the entry's language. A number that could be read in two ways, such as
`1.500` in English, is refused, so that nobody is reported a thousand times too few.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from babel.numbers import get_decimal_symbol, get_group_symbol
from pydantic import AfterValidator, Field, PlainSerializer

from app.formats.languages import number_locale
from app.intake import figure_words as words
from app.intake.figure_words import Words
from app.timeline.figure import LARGEST_NUMBER


def as_integer(number: float) -> float:
    """Return a whole number as an integer, so that `107.0` is written as `107`."""
    return int(number) if float(number).is_integer() else number


Number = Annotated[
    float,
    Field(ge=-LARGEST_NUMBER, le=LARGEST_NUMBER),
    AfterValidator(as_integer),
    PlainSerializer(as_integer, return_type=int | float),
]


def check_one_value(low: float | None, high: float | None, text: str | None) -> None:
    """Validate that the parts of a value agree.

    Raises:
        ValueError: the bounds are in the wrong order, or there are words beside them.
    """
    if low is not None and high is not None and low > high:
        raise ValueError("low is above high")
    if text is not None and (low is not None or high is not None):
        raise ValueError("has words and also numbers: send one")


class UnknownValue(Exception):
    """A text that is no value of a figure; the message says what one looks like."""


@dataclass(frozen=True, slots=True)
class Value:
    """Bounds, and words without a number; all None means that no number was reported."""

    low: float | None = None
    high: float | None = None
    about: bool = False
    text: str | None = None


_HINT = "write a number, >150, <20, ~60, 11-13, a word such as “dozens”, or ? for not reported"
_IGNORED = {"Cf", "Mn"}  # marks of direction; vowel signs of Arabic
# Letters that people type for one another, often because a keyboard lacks one of them.
_LETTERS = {"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ı": "i"}
_LETTER = r"[^\W\d_]"
_GROUPS = "\\s'\u2019\u066c"  # between groups of digits in any language
_EITHER = (".", ",")  # groups digits in some languages and divides them in others
_GROUP = 3  # digits
_POINT = "\u066b"  # the Arabic decimal separator


def _normalise(text: str) -> str:
    """Return the text with ASCII digits, without case and marks, on one line."""
    plain = []
    for character in unicodedata.normalize("NFC", text).casefold():
        category = unicodedata.category(character)
        if category == "Nd":
            plain.append(str(unicodedata.decimal(character)))
        elif category not in _IGNORED:
            plain.append(_LETTERS.get(character, character))
    return " ".join("".join(plain).split())


def _spellings(*tables: Words) -> set[str]:
    return {_normalise(word) for table in tables for words in table.values() for word in words}


def _any_of(spellings: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(spellings, key=len, reverse=True))


def _marker(words: set[str], endings: set[str]) -> re.Pattern[str]:
    """Match a number with a word before or after it, or an ending; symbols only before it."""
    after = (word for word in words if word[0].isalpha())
    return re.compile(
        rf"({_any_of(words)})(?!{_LETTER})\s*(.+)"
        rf"|(.+?)(?:\s+({_any_of(after)})|\s*-?({_any_of(endings)}))"
    )


_NOT_REPORTED, _VAGUE = _spellings(words.NOT_REPORTED), _spellings(words.VAGUE)
_LOW_BOUNDS = _spellings(words.AT_LEAST, words.AT_LEAST_ENDINGS)
_ABOUT = _marker(_spellings(words.ABOUT), _spellings(words.ABOUT_ENDINGS))
_BOUND = _marker(
    _spellings(words.AT_LEAST, words.AT_MOST),
    _spellings(words.AT_LEAST_ENDINGS, words.AT_MOST_ENDINGS),
)
_RANGES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(.+?)\s*(?:[\u2010-\u2015\u2212-]|\.\.\.?|\u2026)\s*(.+)",
        r"(?:between|между|بين)\s+(.+?)\s+(?:and|и|و)\s*(.+)",
        r"(?:from\s+|от\s+|من\s+)?(.+?)\s+(?:to|до|الي)\s+(.+)",
        r"(.+?)-?d[aə]n\s+(.+?)-?(?:y?[aə] qədər|d[aə]k)",
        r"(.+?)\s+(?:ilə|və)\s+(.+?)\s+arasinda",
        r"(.+?)-?დან\s+(.+?)-?მდე",
        r"(.+?)-?ից\s+(?:մինչեւ\s+)?(.+)",
        r"(.+?)-?ի\s+եւ\s+(.+?)-?ի\s+միջեւ",
    )
)


def parse_value(text: str, language: str) -> Value:
    """Parse the value of a figure.

    Args:
        text: as typed.
        language: the language (BCP 47) whose separators group and divide digits.

    Raises:
        UnknownValue: the text is no value, or a number that could be read in two ways.
    """
    plain = _normalise(text)
    if plain in _NOT_REPORTED:
        return Value()
    if plain in _VAGUE:
        visible = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
        return Value(text=" ".join(visible.split()))
    rest, about = _strip(plain, _ABOUT)
    # Ranges first: the word for "up to" also stands between two numbers.
    if (bounds := _range(rest, language)) is not None:
        return Value(*bounds, about=about is not None)
    rest, bound = _strip(rest, _BOUND)
    number = _number(rest, language)
    if number is None:
        raise UnknownValue(f"is no value that we know: {_HINT}")
    return Value(
        low=number if bound is None or bound in _LOW_BOUNDS else None,
        high=number if bound is None or bound not in _LOW_BOUNDS else None,
        about=about is not None,
    )


def _strip(plain: str, marker: re.Pattern[str]) -> tuple[str, str | None]:
    """Return the text without a marker, and the marker; None if it has none."""
    found = marker.fullmatch(plain)
    if found is None:
        return plain, None
    before, rest_after, rest_before, after, ending = found.groups()
    return rest_after or rest_before, before or after or ending


def _range(plain: str, language: str) -> tuple[float, float] | None:
    for pattern in _RANGES:
        if found := pattern.fullmatch(plain):
            low, high = (_number(part, language) for part in found.groups())
            if low is None or high is None:
                continue
            if low > high:
                raise UnknownValue("begins with the larger number: write the smaller one first")
            return low, high
    return None


def _number(plain: str, language: str) -> float | None:
    """Return the number that digits stand for; None if the text is something else."""
    locale = number_locale(language)
    group, point = re.escape(get_group_symbol(locale)), re.escape(get_decimal_symbol(locale))
    integer = rf"[0-9]{{1,3}}(?:[{_GROUPS}{group}][0-9]{{3}})+|[0-9]+"
    found = re.fullmatch(rf"({integer})(?:([{_POINT}{point}])([0-9]+))?", plain)
    if found is None:
        return None
    whole, sign, fraction = re.sub(r"[^0-9]", "", found[1]), found[2], found[3] or ""
    number = float(f"{whole}.{fraction}")
    if number > LARGEST_NUMBER:
        raise UnknownValue(f"must be {LARGEST_NUMBER} at most")
    if sign in _EITHER and len(fraction) == _GROUP and re.fullmatch("[1-9][0-9]{0,2}", found[1]):
        raise UnknownValue(
            f"could be {whole}{fraction} or {number}: leave out the separator, or write another"
            " number of decimals"
        )
    return as_integer(number)
