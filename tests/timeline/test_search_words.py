"""The folded form of words, and their places in the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.timeline.search_query import parse_query
from app.timeline.search_words import LONGEST_WORD, find_words, fold_words

SAME = [
    ("Fire", "FIRE"),
    ("café", "cafe"),
    ("Straße", "STRASSE"),
    ("Łódź", "lodz"),
    ("ёлка", "ЕЛКА"),
    ("Сейсмолог", "сеисмолог"),
    ("Երևան", "ԵՐԵՎԱՆ"),
    ("Երևան", "երեւան"),
    ("ինչո՞ւ", "ինչու"),
    ("თბილისი", "ᲗᲑᲘᲚᲘᲡᲘ"),
    ("القاهرة", "القاهره"),
    ("الأُمَمُ", "الامم"),
    ("إلى", "الي"),
    ("بـــيروت", "بيروت"),
    ("Azərbaycan", "AZERBAYCAN"),
    ("İsmayıllı", "ismayilli"),
    ("QIZIL", "qızıl"),
    ("٢٠٢٦", "2026"),
    ("naïve", "nai\u0308ve"),
    ("soft\u00adly", "softly"),
]


@pytest.mark.parametrize(("written", "typed"), SAME)
def test_a_word_is_found_as_people_type_it(written: str, typed: str) -> None:
    """Case, accents, vowel signs and variants of a letter make no difference."""
    assert fold_words(written) == fold_words(typed)
    assert parse_query(typed).find(written) == [(0, len(written))]


def test_other_words_stay_others() -> None:
    """Letters that are not typed for one another differ."""
    assert fold_words("шар") != fold_words("сар")
    assert fold_words("ქარი") != fold_words("კარი")
    assert fold_words("հայ") != fold_words("փայ")


@given(st.text() | st.text("aé\u0301½ևԵՒ·-\u0640لأ² "))
def test_the_words_of_a_text_have_their_places(text: str) -> None:
    """Each word is found at its place, in order, and folds to what is indexed."""
    words = list(find_words(text))
    assert [word.folded for word in words] == fold_words(text)
    places = [(word.start, word.end) for word in words]
    assert places == sorted(places)
    assert all(start < end for start, end in places)
    assert all(0 < len(word.folded) <= LONGEST_WORD for word in words)


@given(st.text() | st.text("aBéевК7·- .\n\u00a0"))
def test_a_word_has_the_same_place_before_a_character_that_folds_to_several(text: str) -> None:
    """Texts in which each character has one folded one are read in another way, to the same end."""
    *words, last = find_words(text + " \ufb01")  # the ligature fi
    assert words == list(find_words(text))
    assert (last.folded, last.start) == ("fi", len(text) + 1)


@given(st.text())
def test_a_folded_word_can_stand_in_an_index(text: str) -> None:
    """A folded word has no sign that a query language gives a meaning, and stays as it is."""
    for word in fold_words(text):
        assert not set(word) & set("\"'*:()&|!<>\\^+{}· \0")
        assert word.upper().lower() == word or fold_words(word) == [word]
