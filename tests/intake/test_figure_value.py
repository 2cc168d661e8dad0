"""Values of figures: what people type is read in six languages, and nothing is guessed."""

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from app.formats.languages import number_locale
from app.intake import figure_words
from app.intake.figure_value import UnknownValue, Value, parse_value
from app.timeline.figure import LARGEST_NUMBER

LANGUAGES = ("en", "ru", "az", "ka", "hy", "ar")


def exactly(number: float, *, about: bool = False) -> Value:
    """The value of one number."""
    return Value(number, number, about)


VALUES: list[tuple[str, str, Value]] = [
    ("en", "107", exactly(107)),
    ("en", " 107 ", exactly(107)),
    ("en", "0", exactly(0)),
    ("en", "1,500", exactly(1500)),
    ("en", "1 500", exactly(1500)),
    ("en", "12,345,678.25", exactly(12345678.25)),
    ("en", "0.125", exactly(0.125)),
    ("en", ">150", Value(low=150)),
    ("en", "> 150", Value(low=150)),
    ("en", "150+", Value(low=150)),
    ("en", "More than 1,500", Value(low=1500)),
    ("en", "at least 150", Value(low=150)),
    ("en", "150 or more", Value(low=150)),
    ("en", "no fewer than 150", Value(low=150)),
    ("en", "<20", Value(high=20)),
    ("en", "up to 20", Value(high=20)),
    ("en", "no more than 20", Value(high=20)),
    ("en", "fewer than 20", Value(high=20)),
    ("en", "~60", exactly(60, about=True)),
    ("en", "about 60", exactly(60, about=True)),
    ("en", "60 approximately", exactly(60, about=True)),
    ("en", "11-13", Value(11, 13)),
    ("en", "11 \u2013 13", Value(11, 13)),
    ("en", "1,100-1,200", Value(1100, 1200)),
    ("en", "11...13", Value(11, 13)),
    ("en", "between 11 and 13", Value(11, 13)),
    ("en", "11 to 13", Value(11, 13)),
    ("en", "about 11-13", Value(11, 13, about=True)),
    ("en", "about more than 11", Value(low=11, about=True)),
    ("en", "Dozens", Value(text="Dozens")),
    ("en", "tens  of\nthousands", Value(text="tens of thousands")),
    ("en", "?", Value()),
    ("en", "Not Reported", Value()),
    ("de", "1.500", exactly(1500)),
    ("de", "1.500,5", exactly(1500.5)),
    ("de-CH", "1\u2019500", exactly(1500)),
    ("fr", "1\u202f500,5", exactly(1500.5)),
    ("ru", "107", exactly(107)),
    ("ru", "1\u00a0500", exactly(1500)),
    ("ru", "1500,5", exactly(1500.5)),
    ("ru", "более 150", Value(low=150)),
    ("ru", "Не менее 150", Value(low=150)),
    ("ru", "по меньшей мере 150", Value(low=150)),
    ("ru", "150 и более", Value(low=150)),
    ("ru", "до 20", Value(high=20)),
    ("ru", "не более 20", Value(high=20)),
    ("ru", "20 не более", Value(high=20)),
    ("ru", "около 60", exactly(60, about=True)),
    ("ru", "от 11 до 13", Value(11, 13)),
    ("ru", "между 11 и 13", Value(11, 13)),
    ("ru", "Сотни", Value(text="Сотни")),
    ("ru", "Не сообщается", Value()),
    ("az", "1.500", exactly(1500)),
    ("az", "1,5", exactly(1.5)),
    ("az", "150-dən çox", Value(low=150)),
    ("az", "60-dan artıq", Value(low=60)),
    ("az", "ən azı 150", Value(low=150)),
    ("az", "ƏN AZI 150", Value(low=150)),
    ("az", "20-dən az", Value(high=20)),
    ("az", "20-yə qədər", Value(high=20)),
    ("az", "ən çoxu 20", Value(high=20)),
    ("az", "təxminən 60", exactly(60, about=True)),
    ("az", "60-a yaxın", exactly(60, about=True)),
    ("az", "11-dən 13-ə qədər", Value(11, 13)),
    ("az", "11 ilə 13 arasında", Value(11, 13)),
    ("az", "Onlarla", Value(text="Onlarla")),
    ("az", "Bildirilmir", Value()),
    ("ka", "1\u00a0500,5", exactly(1500.5)),
    ("ka", "150-ზე მეტი", Value(low=150)),
    ("ka", "სულ მცირე 150", Value(low=150)),
    ("ka", "20-ზე ნაკლები", Value(high=20)),
    ("ka", "60-მდე", Value(high=60)),
    ("ka", "დაახლოებით 60", exactly(60, about=True)),
    ("ka", "11-დან 13-მდე", Value(11, 13)),
    ("ka", "ათეულობით", Value(text="ათეულობით")),
    ("ka", "უცნობია", Value()),
    ("hy", "1\u00a0500,5", exactly(1500.5)),
    ("hy", "ավելի քան 150", Value(low=150)),
    ("hy", "Առնվազն 150", Value(low=150)),
    ("hy", "150-ից ավելի", Value(low=150)),
    ("hy", "մինչև 20", Value(high=20)),
    ("hy", "մինչեւ 20", Value(high=20)),
    ("hy", "20-ից պակաս", Value(high=20)),
    ("hy", "ոչ ավելի քան 20", Value(high=20)),
    ("hy", "մոտ 60", exactly(60, about=True)),
    ("hy", "11-ից մինչև 13", Value(11, 13)),
    ("hy", "11-ի և 13-ի միջև", Value(11, 13)),
    ("hy", "տասնյակներ", Value(text="տասնյակներ")),
    ("hy", "չի հաղորդվում", Value()),
    ("ar", "\u0661\u0660\u0667", exactly(107)),
    ("ar", "\u0661\u066c\u0665\u0660\u0660\u066b\u0665", exactly(1500.5)),
    ("ar", "أكثر من \u0661\u0665\u0660", Value(low=150)),
    ("ar", "اكثر من 150", Value(low=150)),
    ("ar", "ما لا يقل عن 150", Value(low=150)),
    ("ar", "150 على الأقل", Value(low=150)),
    ("ar", "أقل من 20", Value(high=20)),
    ("ar", "حتى 20", Value(high=20)),
    ("ar", "نحو 60", exactly(60, about=True)),
    ("ar", "60 تقريبًا", exactly(60, about=True)),
    ("ar", "\u200f\u0661\u0661\u2013\u0661\u0663", Value(11, 13)),
    ("ar", "بين 11 و13", Value(11, 13)),
    ("ar", "من 11 إلى 13", Value(11, 13)),
    ("ar", "عشرات", Value(text="عشرات")),
    ("ar", "لم يُعلن", Value()),
    ("ar", "\u061f", Value()),
    ("en", "\u0967\u0966\u096d", exactly(107)),
    ("en", "\uff11\uff10\uff17", exactly(107)),
    ("en", "более 150", Value(low=150)),
]


@pytest.mark.parametrize(
    ("language", "text", "value"),
    VALUES,
    ids=[f"{language}-{n}" for n, (language, *_) in enumerate(VALUES)],
)
def test_a_value_is_read_as_people_type_it(language: str, text: str, value: Value) -> None:
    """Numbers, bounds, ranges, approximations and words of each language are read."""
    assert parse_value(text, language) == value


@pytest.mark.parametrize(
    ("language", "text"),
    [
        *(("en", text) for text in ("", " ", "about many", "many people", "a lot", "107 people")),
        *(("en", text) for text in ("-5", "1e3", "0x10", "1/2", "10%", "\u00b2", "\u2167", "IV")),
        *(
            ("en", text)
            for text in (">", "about", "11-", "-13", "11-13-15", "150>", "><5", "11--13")
        ),
        *(
            ("en", text)
            for text in ("1,50", "1,5000", "15,00,000", "1.500.000", "1,500.", ".5", "5.")
        ),
        *(("en", text) for text in ("between 11", "eleven", "NaN", "inf", "1_000", "someone 5")),
        *(("ru", text) for text in ("1.500", "1,500,000", "не 5")),
        ("ar", "\u0661\u060c\u0665"),
    ],
)
def test_what_is_no_value_is_refused(language: str, text: str) -> None:
    """What the grammar does not know is refused, with a sentence that shows what it knows."""
    with pytest.raises(UnknownValue, match="not reported"):
        parse_value(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "1.500"),
        ("en", "about 150.000"),
        ("de", "1,500"),
        ("en", "1.500-2.000"),
        ("ar", "2.000"),
    ],
)
def test_a_number_of_two_readings_is_refused(language: str, text: str) -> None:
    """A separator that groups digits in other languages, before three digits, is not guessed at."""
    with pytest.raises(UnknownValue, match="could be"):
        parse_value(text, language)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("13-11", "larger number"),
        (str(LARGEST_NUMBER + 1), "at most"),
        ("9" * 400, "at most"),
        (f">{LARGEST_NUMBER}.5", "at most"),
        (f"1-{LARGEST_NUMBER + 1}", "at most"),
    ],
)
def test_a_number_out_of_bounds_is_refused(text: str, complaint: str) -> None:
    """A range begins with its smaller number, and no number is larger than JSON holds exactly."""
    with pytest.raises(UnknownValue, match=complaint):
        parse_value(text, "en")
    assert parse_value(str(LARGEST_NUMBER), "en") == exactly(LARGEST_NUMBER)


@given(st.integers(0, LARGEST_NUMBER), st.sampled_from([*LANGUAGES, "de", "fr", "pt-BR", "sw"]))
def test_a_number_is_read_as_its_language_writes_it(number: int, language: str) -> None:
    """Law: an integer that CLDR formats in a language is read back in that language."""
    written = format_decimal(number, locale=number_locale(language))
    assert parse_value(written, language) == exactly(number)
    assert parse_value(f"{written}-{written}", language) == Value(number, number)


@given(st.text(max_size=30), st.text(max_size=8))
def test_any_text_is_read_or_refused(text: str, language: str) -> None:
    """Law: any text, in any language, is a value whose parts agree, or is refused."""
    try:
        value = parse_value(text, language)
    except UnknownValue:
        return
    numbers = [bound for bound in (value.low, value.high) if bound is not None]
    assert all(0 <= number <= LARGEST_NUMBER for number in numbers)
    assert numbers == sorted(numbers)
    assert not (numbers and value.text)


MARKERS = [
    *((table, True, False) for table in (figure_words.AT_LEAST, figure_words.AT_LEAST_ENDINGS)),
    *((table, False, False) for table in (figure_words.AT_MOST, figure_words.AT_MOST_ENDINGS)),
    *((table, None, True) for table in (figure_words.ABOUT, figure_words.ABOUT_ENDINGS)),
]
_ENDINGS = (
    figure_words.AT_LEAST_ENDINGS,
    figure_words.AT_MOST_ENDINGS,
    figure_words.ABOUT_ENDINGS,
)


@pytest.mark.parametrize(("table", "is_low", "about"), MARKERS)
def test_every_word_of_the_tables_is_understood(
    table: figure_words.Words, is_low: bool | None, about: bool
) -> None:
    """Each word beside a number has its own meaning, whatever other words it contains."""
    for language, words in table.items():
        for word in words:
            text = f"60-{word}" if table in _ENDINGS and word != "+" else f"{word} 60"
            text = "60+" if word == "+" else text
            low = 60 if is_low in {True, None} else None
            high = 60 if is_low in {False, None} else None
            assert parse_value(text, language or "en") == Value(low, high, about), text


def test_every_word_without_a_number_is_understood() -> None:
    """Each word for a vague number is stored as typed, and each for none as no number."""
    for words in figure_words.VAGUE.values():
        for word in words:
            assert parse_value(word.upper(), "en") == Value(text=word.upper())
    for words in figure_words.NOT_REPORTED.values():
        for word in words:
            assert parse_value(word.upper(), "en") == Value()


def test_each_interface_language_has_words() -> None:
    """No table leaves out a language of the interface."""
    for table in (figure_words.VAGUE, figure_words.NOT_REPORTED, figure_words.ABOUT):
        assert set(LANGUAGES) <= table.keys()
    for words, endings in (
        (figure_words.AT_LEAST, figure_words.AT_LEAST_ENDINGS),
        (figure_words.AT_MOST, figure_words.AT_MOST_ENDINGS),
    ):
        assert set(LANGUAGES) <= words.keys() | endings.keys()
