"""The patterns of text in the OpenAPI document."""

import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.web import text_types
from tests.timeline.test_visible_text import UNSEEN

_CHARACTERS = st.sampled_from("".join(UNSEEN.values()) + "x1. \n\té") | st.characters(
    exclude_categories=["Cs"]
)
_TEXTS = st.text(_CHARACTERS, max_size=5)


def _is_accepted(text_type: Any, text: str) -> bool:
    try:
        TypeAdapter(text_type).validate_python(text)
    except ValidationError:
        return False
    return True


def _is_beyond_a_schema(text: str) -> bool:
    """Whether its only characters with a glyph are combining marks or outside the first plane."""
    return all(
        unicodedata.category(c)[0] in "MCZ" or ord(c) > 0xFFFF or c == "\u2800" for c in text
    ) and any(unicodedata.category(c)[0] == "M" or ord(c) > 0xFFFF for c in text)


@pytest.mark.parametrize("name", ["Name", "Tag", "ShortLine", "Paragraph", "Credit", "PublicNote"])
@given(text=_TEXTS)
def test_a_pattern_says_what_the_server_takes(name: str, text: str) -> None:
    """A pattern matches every accepted text, and refused ones only beyond a schema's means."""
    text_type = getattr(text_types, name)
    pattern = TypeAdapter(text_type).json_schema()["pattern"]
    is_match = re.search(pattern, text) is not None and not text.endswith("\n")
    is_accepted = _is_accepted(text_type, text)
    if is_accepted and not text.endswith("\n"):
        assert is_match
    elif is_match:
        assert _is_beyond_a_schema(text)
