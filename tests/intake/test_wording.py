"""Plain text loses its markup and keeps what only looks like it."""

import pytest

from app.intake.wording import plain_words, printed_name, shorten


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a <b>b</b>c", "a bc"),
        ("<p>a</p><p>b<br/>c</p>", "a b c"),
        ("x<y and y>z, R&D", "x<y and y>z, R&D"),
        ("R&amp;D &#8211; &lt;b&gt;", "R&D \N{EN DASH} <b>"),
        ('<a href="https://a.example/?x=<y>">a</a>', "a"),
        ("a\r\n\tb\x85c\u2028d\x00", "a b c d"),
        ("a\N{NO-BREAK SPACE}b", "a\N{NO-BREAK SPACE}b"),
        (" ", ""),
    ],
)
def test_only_real_markup_goes(text: str, words: str) -> None:
    """And the rest stands on one line."""
    assert plain_words(text) == words


def test_a_long_text_ends_with_a_whole_word_and_an_ellipsis() -> None:
    """Unless there is none to end with."""
    assert shorten("one two three", 9) == "one two…"
    assert shorten("onetwothree", 9) == "onetwoth…"
    assert shorten("one two", 7) == "one two"


def test_a_name_that_nobody_can_see_is_none() -> None:
    """Format characters alone are no name."""
    assert printed_name("\N{ZERO WIDTH SPACE} \N{ZERO WIDTH JOINER}") == ""
    assert len(printed_name("x" * 400)) == 200
