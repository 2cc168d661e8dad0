"""Plain text of foreign HTML: markup is removed, and text that resembles it is kept."""

import pytest

from app.intake.html.plain_text import plain_words, printed_name


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
        ("<s>12</s> 14 hurt, 10<sup>6</sup> litres", "14 hurt, 10⁶ litres"),
        ("A <s>tag that nobody closed", "A tag that nobody closed"),
    ],
)
def test_only_real_markup_goes(text: str, words: str) -> None:
    """Only real markup is removed, and white space is collapsed to one line."""
    assert plain_words(text) == words


def test_a_name_that_nobody_can_see_is_none() -> None:
    """A name of invisible characters is empty, and a name is cut to 200 characters."""
    assert printed_name("\N{ZERO WIDTH SPACE} \N{ZERO WIDTH JOINER}") == ""
    assert len(printed_name("x" * 400)) == 200
