"""Visible text: characters that show nothing do not count."""

import pytest

from app.timeline.visible_text import is_visible

UNSEEN = {
    "nothing": "",
    "space": " \t\n\u00a0\u3000",
    "zero-width space": "\u200b",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "joiners": "\u200c\u200d",
    "soft hyphen": "\u00ad",
    "grapheme joiner": "\u034f",
    "Braille blank": "\u2800",
    "Hangul fillers": "\u115f\u1160\u3164\uffa0",
    "Mongolian separator": "\u180e",
    "Khmer inherent vowels": "\u17b4\u17b5",
    "variation selectors": "\ufe0f\U000e0100",
    "tags": "\U000e0041\U000e007f",
    "directions": "\u202e\u2068\u2069\u200f\u061c",
    "line separators": "\u2028\u2029",
    "controls": "\x00\x1f\x7f\x85",
    "marks alone": "\u0301\u20dd\u064b\u093e",
    "null notehead": "\U0001d159",
}


@pytest.mark.parametrize("name", UNSEEN)
def test_what_cannot_be_seen_is_empty(name: str) -> None:
    """Characters that show nothing are not visible, alone or combined."""
    assert not is_visible(UNSEEN[name])
    assert not is_visible("".join(UNSEEN.values()))


@pytest.mark.parametrize(
    "text", ["x", "می\u200cکنم", "e\u0301", "👩\u200d🚒", ".", "\u200bx", "\u06dd", "\ue000"]
)
def test_what_is_seen_may_hold_what_is_not(text: str) -> None:
    """Text with at least one visible character is visible, whatever else it contains."""
    assert is_visible(text)
