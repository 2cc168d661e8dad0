"""Values of figures as people type them: `107`, `>150`, `about 60`, `11-13`, `dozens`, `?`.

The words of all six interface languages are understood. Digits may be of any script; separators are
those of one language, so that `1,500` and `1.500` are never read as the wrong number: what the
language cannot decide is refused.
"""

import re
import unicodedata
from dataclasses import dataclass

from babel import Locale
from babel.numbers import get_decimal_symbol, get_group_symbol

from app.timeline.figure import LARGEST_NUMBER

_NOT_REPORTED = {
    *("?", "not reported", "unknown", "не сообщается", "неизвестно", "bildirilmir", "məlum deyil"),
    *("არ არის ცნობილი", "უცნობია", "չի հաղորդվում", "անհայտ է", "անհայտ"),
    *("غير معلن", "غير معروف", "لم يعلن"),
}
# Words before a number, or after it as a whole word or as an ending: `150-dən çox`.
_AT_LEAST = (
    *(">", "≥", ">=", "more than", "over", "at least", "no fewer than", "not less than"),
    *("более", "больше", "свыше", "не менее", "не меньше", "как минимум", "по меньшей мере"),
    *("ən azı", "azı", "-dən çox", "-dan çox", "dən çox", "dan çox"),
    *("მინიმუმ", "სულ მცირე", "-ზე მეტი", "ზე მეტი"),
    *("առնվազն", "ավելի քան", "-ից ավելի", "ից ավելի", "-ից ավել", "ից ավել"),
    *("أكثر من", "ما لا يقل عن", "ما يزيد على", "ما يزيد عن", "على الأقل"),
)
_AT_MOST = (
    *("<", "≤", "<=", "fewer than", "less than", "under", "up to", "at most", "no more than"),
    *("менее", "меньше", "до", "не более", "не больше", "максимум"),
    *("ən çoxu", "ən çox", "-dən az", "-dan az", "dən az", "dan az", "-dək", "-dak"),
    *("მაქსიმუმ", "არაუმეტეს", "-ზე ნაკლები", "ზე ნაკლები", "-მდე", "მდე"),
    *("առավելագույնը", "ոչ ավելի քան", "պակաս քան", "-ից պակաս", "ից պակաս", "մինչև"),
    *("أقل من", "لا يزيد على", "لا يزيد عن", "ما لا يزيد على", "حتى", "على الأكثر"),
)
_ABOUT = (
    *("~", "≈", "about", "around", "approximately", "roughly", "some", "nearly", "almost", "circa"),
    *("около", "примерно", "приблизительно", "почти", "порядка"),
    *("təxminən", "təqribən", "-ə yaxın", "-a yaxın", "ə yaxın", "a yaxın"),
    *("დაახლოებით", "თითქმის", "მიახლოებით"),
    *("մոտ", "մոտավորապես", "շուրջ", "գրեթե"),
    *("حوالي", "حوالى", "نحو", "قرابة", "زهاء", "تقريبا"),
)
_VAGUE = {
    *("several", "a few", "dozens", "scores", "hundreds", "thousands", "tens of thousands"),
    *("hundreds of thousands", "millions", "many"),
    *("несколько", "десятки", "сотни", "тысячи", "десятки тысяч", "сотни тысяч", "миллионы"),
    *("много", "bir neçə", "onlarla", "yüzlərlə", "minlərlə", "on minlərlə", "yüz minlərlə"),
    *("milyonlarla", "çoxlu", "რამდენიმე", "ათეულობით", "ასობით", "ასეულობით", "ათასობით"),
    *("ათიათასობით", "ათეულ ათასობით", "ასიათასობით", "მილიონობით", "ბევრი"),
    *("մի քանի", "տասնյակ", "տասնյակներ", "հարյուրավոր", "հազարավոր", "տասնյակ հազարավոր"),
    *("հարյուր հազարավոր", "միլիոնավոր", "բազմաթիվ"),
    *("عدة", "عشرات", "العشرات", "مئات", "المئات", "آلاف", "الآلاف", "عشرات الآلاف"),
    *("مئات الآلاف", "ملايين", "الملايين", "العديد", "كثير"),
}
_RANGES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(.+?)\s*(?:[\u2010-\u2015-]|\.\.\.?|\u2026)\s*(.+)",
        r"(?:between|между|بين|միջև)\s+(.+?)\s+(?:and|и|և|و)\s*(.+)",
        r"(?:from|от|من)?\s*(.+?)\s+(?:to|до|إلى|الى)\s+(.+)",
    )
)
_GROUPS = "\\s'\u2019\u066c"  # between groups of digits in any language
_POINT = "\u066b"  # the Arabic decimal separator
_HINT = "write a number, >150, <20, ~60, 11-13, a word such as “dozens”, or ? for not reported"


class UnknownValue(Exception):
    """A text that is no value of a figure; the message says what one looks like."""

    def __init__(self, reason: str = f"is no value that we know: {_HINT}") -> None:
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Value:
    """Bounds, and words without a number; all None means that no number was reported."""

    low: float | None = None
    high: float | None = None
    about: bool = False
    text: str | None = None


def parse_value(text: str, language: str) -> Value:
    """Parse the value of a figure.

    Args:
        text: as typed.
        language: the language (BCP 47) whose separators group and divide digits.

    Raises:
        UnknownValue: the text is no value, or its separators are those of another language.
    """
    words = _normalise(text)
    if words in _NOT_REPORTED:
        return Value()
    if words in _VAGUE:
        return Value(text=" ".join(text.split()))
    rest, about = _strip(words, _ABOUT)
    low, is_minimum = _strip(rest, _AT_LEAST)
    high, is_maximum = _strip(rest, _AT_MOST)
    # Ranges first: the word for "up to" also stands between two numbers.
    if (bounds := _range(rest, language)) is not None:
        return Value(*bounds, about=about)
    if is_minimum:
        return Value(low=_number(low, language), about=about)
    if is_maximum:
        return Value(high=_number(high, language), about=about)
    number = _number(rest, language)
    return Value(number, number, about)


def _normalise(text: str) -> str:
    """Return the text with ASCII digits, in lower case, without marks, on one line."""
    plain = []
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        if category == "Nd":
            plain.append(str(unicodedata.decimal(character)))
        elif category not in {"Cf", "Mn"}:  # marks of direction; vowel signs of Arabic
            plain.append(character)
    return " ".join("".join(plain).casefold().split())


def _strip(words: str, markers: tuple[str, ...]) -> tuple[str, bool]:
    """Return the text without the longest marker at either end, and whether it had one."""
    for marker in sorted(map(_normalise, markers), key=len, reverse=True):
        is_word = marker[-1].isalpha()
        if words.startswith(marker) and not (is_word and words[len(marker) :][:1].isalpha()):
            return words.removeprefix(marker).strip(), True
        is_word = marker[0].isalpha()
        if is_word | (marker[0] == "-") and words.endswith(marker):
            return words.removesuffix(marker).strip(), True
    return words, False


def _range(words: str, language: str) -> tuple[float, float] | None:
    for pattern in _RANGES:
        if found := pattern.fullmatch(words):
            try:
                low, high = (_number(part, language) for part in found.groups())
            except UnknownValue:
                continue
            if low > high:
                raise UnknownValue("begins with the larger number: write the smaller one first")
            return low, high
    return None


def _number(words: str, language: str) -> float:
    locale = Locale.parse(language, sep="-")
    group, point = get_group_symbol(locale), get_decimal_symbol(locale)
    groups, point = f"[{_GROUPS}{re.escape(group)}]", f"[{_POINT}{re.escape(point)}]"
    shape = rf"([0-9]{{1,3}}(?:{groups}[0-9]{{3}})+|[0-9]+)(?:{point}([0-9]{{1,9}}))?"
    found = re.fullmatch(shape, words)
    if found is None:
        raise UnknownValue
    whole = re.sub(r"[^0-9]", "", found[1])
    if len(whole) > len(str(LARGEST_NUMBER)) or int(whole) > LARGEST_NUMBER:
        raise UnknownValue(f"must be {LARGEST_NUMBER} at most")
    return float(f"{whole}.{found[2]}") if found[2] else int(whole)
