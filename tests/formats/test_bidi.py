"""Bidirectional isolation: a text does not reorder the text beside it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.bidi import isolate

_FSI, _PDI = "\u2068", "\u2069"
_ISOLATES = "\u2066\u2067\u2068"
_EMBEDDINGS = "\u202a\u202b\u202d\u202e\u202c"


@given(st.text(st.sampled_from([*"aא1 ", *_ISOLATES, *_EMBEDDINGS, _PDI])))
def test_nothing_of_an_isolated_text_reaches_its_neighbours(text: str) -> None:
    """In an isolated text every isolate is closed and every embedding is inside an isolate.

    Isolation is idempotent and adds only isolate characters.
    """
    depth = 0
    for character in isolate(text):
        if character in _ISOLATES:
            depth += 1
        elif character == _PDI:
            depth -= 1
        assert depth >= 0
        assert depth > 0 or character not in _EMBEDDINGS
    assert depth == 0
    assert isolate(isolate(text)) == isolate(text)
    words = str.maketrans("", "", f"{_ISOLATES}{_PDI}")
    assert isolate(text).translate(words) == text.translate(words)


@pytest.mark.parametrize(
    "text", ["", "Two", "خبر عاجل", "می\u200cکنم", f"{_FSI}x{_PDI}", "a\u200fb"]
)
def test_a_harmless_text_is_left_as_it_is(text: str) -> None:
    """A text without unbalanced direction controls is unchanged, whatever its script."""
    assert isolate(text) == text
