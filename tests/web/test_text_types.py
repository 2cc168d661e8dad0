"""Promises of the patterns that the OpenAPI document gives for text."""

import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.web import text_types as words
from tests.timeline.test_visible_text import UNSEEN

_CHARACTERS = st.sampled_from("".join(UNSEEN.values()) + "x1. \n\té") | st.characters(
    exclude_categories=["Cs"]
)
_TEXTS = st.text(_CHARACTERS, max_size=5)


def _is_taken(form: Any, text: str) -> bool:
    try:
        TypeAdapter(form).validate_python(text)
    except ValidationError:
        return False
    return True


def _is_beyond_a_schema(text: str) -> bool:
    """Whether only marks of single scripts, or what lies beyond the first plane, could be seen."""
    return all(
        unicodedata.category(c)[0] in "MCZ" or ord(c) > 0xFFFF or c == "\u2800" for c in text
    ) and any(unicodedata.category(c)[0] == "M" or ord(c) > 0xFFFF for c in text)


@pytest.mark.parametrize("name", ["Name", "Tag", "ShortLine", "Paragraph", "Credit", "PublicNote"])
@given(text=_TEXTS)
def test_a_pattern_says_what_the_server_takes(name: str, text: str) -> None:
    """No text that is taken is against it; one that is refused is, as far as a schema can tell."""
    form = getattr(words, name)
    pattern = TypeAdapter(form).json_schema()["pattern"]
    fits = re.search(pattern, text) is not None and not text.endswith("\n")
    taken = _is_taken(form, text)
    if taken and not text.endswith("\n"):
        assert fits
    elif fits:
        assert _is_beyond_a_schema(text)
