"""The plain text of HTML bodies, for outputs without markup."""

import unicodedata

import pytest
from hypothesis import given

from app.formats.languages import interface_languages
from app.timeline.plain_text import has_markup, plain_text, shows_anything
from app.timeline.quotation_marks import quote
from app.timeline.superscript import subscript, superscript
from tests.formats.renderings import html_sources

# ruff: noqa: RUF001  the quotation marks are intended


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p><s>12</s> 14 people were hurt.</p>", "14 people were hurt."),
        ("<p><del>12</del> <ins>14</ins> people</p>", "14 people"),
        ("<p><strike>12</strike> 14</p>", "14"),
        ("<p><s>all of <b>it</b></s></p>", ""),
        ("<p>10<sup>6</sup> litres</p>", "10⁶ litres"),
        ("<p>10<sup>-6</sup>, H<sub>2</sub>O</p>", "10⁻⁶, H₂O"),
        ("<p>10<sup>1.5</sup>, x<sub>max</sub>, x<sub>b+c</sub></p>", "10^(1.5), xₘₐₓ, x_(b+c)"),
        ("<p>2<sup>2<sup>3</sup></sup></p>", "2^(2³)"),
        ("<p>Brand<sup>®</sup>, 5<sup>*</sup></p>", "Brand®, 5*"),
        ("<p>He said <q>we <q>will</q> go</q> today.</p>", "He said “we ‘will’ go” today."),
        ('<p lang="ru">Он: <q>да</q></p><p><q>no</q></p>', "Он: «да» “no”"),
        ('<ol start="45"><li>minute: goal</li></ol>', "45. minute: goal"),
        ("<ol><li>One</li><li>Two</li></ol>", "1. One 2. Two"),
        ("<ol reversed><li>One</li><li>Two</li></ol>", "2. One 1. Two"),
        (
            '<ol type="a" start="27"><li>One</li></ol><ol type="I" start="4"><li>B</li></ol>',
            "aa. One IV. B",
        ),
        ('<ol type="i" start="0"><li>None</li></ol>', "0. None"),
        ("<ol><li><s>One</s></li><li>Two</li></ol>", "2. Two"),
        ("<ul><li>5 dead</li><li>3 hurt</li></ul>", "5 dead • 3 hurt"),
        ("<ul><li>a<ul><li>b</li><li>c</li></ul></li><li>d</li></ul>", "a b • c • d"),
        ("<table><tr><td>12</td><td>000</td></tr><tr><td>3</td></tr></table>", "12 | 000 • 3"),
        ("<p>One<br>two</p><p>three</p><hr>four", "One two three four"),
        ("<p>+ 3, - 5, &gt; 5,000, −2</p>", "+ 3, - 5, > 5,000, −2"),
        ('<p>So<img src="/e" alt="😀">!</p>', "So😀!"),
        ('<p>So<img src="/e" alt="A bridge">!</p>', "So A bridge !"),
        ('<p>An <abbr title="x > y">EU</abbr> <time datetime="x">day</time></p>', "An EU day"),
        ("x<y and y>z, R&D", "x<y and y>z, R&D"),
    ],
)
def test_a_body_says_what_its_page_says(markup: str, text: str) -> None:
    """The plain text omits struck text and keeps numbers, signs, quotation marks and separators."""
    assert plain_text(markup) == text


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "“a ‘b’”"),
        ("ru-RU", "«a „b“»"),
        ("az", "“a ‘b’”"),
        ("hy", "«a «b»»"),
        ("ka", "„a «b»“"),
        ("ar", "”a ’b‘“"),
        ("de-AT", "„a ‚b‘“"),
        ("fr-CH", "«a ‹b›»"),
        ("zh-Hant-TW", "「a 『b』」"),
        ("tlh", "“a ‘b’”"),
    ],
)
def test_a_quotation_has_the_marks_of_its_language(language: str, expected: str) -> None:
    """`<q>` gets the outer and inner quotation marks of its language, else English ones."""
    assert plain_text("<q>a <q>b</q></q>", language) == expected


def test_every_language_of_the_interface_has_marks() -> None:
    """Every interface language has an opening and a closing mark on both levels."""
    for language in interface_languages():
        assert len(quote("", language, 0)) == len(quote("", language, 1)) == 2


def test_every_raised_and_lowered_form_of_unicode_is_known() -> None:
    """Every superscript and subscript form in Unicode of a single character is known.

    Kanbun marks (U+3190 block) and the Tifinagh modifier letter are excluded.
    """
    excluded = range(0x3192, 0x31A0), range(0x2D6F, 0x2D70)
    for code_point in range(0x110000):
        kind, *base = unicodedata.decomposition(chr(code_point)).split() or [""]
        if len(base) != 1 or any(code_point in block for block in excluded):
            continue
        shift = {"<super>": superscript, "<sub>": subscript}.get(kind)
        if shift is not None:
            shifted = shift(chr(int(base[0], 16)))
            assert unicodedata.normalize("NFKC", shifted) == unicodedata.normalize(
                "NFKC", chr(code_point)
            )


@given(html_sources())
def test_enough_is_a_beginning_of_the_whole(source: str) -> None:
    """With `enough`, the text is a prefix of the whole text, and is longer than the limit."""
    whole, beginning = plain_text(source), plain_text(source, enough=20)
    assert whole.startswith(beginning)
    assert beginning == whole or len(beginning) > 20


@given(html_sources())
def test_what_means_nothing_leaves_the_same_text_both_ways(source: str) -> None:
    """Appending a paragraph of struck text does not change how the rest of a body is read."""
    assert plain_text(f"{source}<p><s>x</s></p>") == plain_text(source)


@pytest.mark.parametrize(
    ("markup", "is_seen"),
    [
        ("<p>x</p>", True),
        ("<p><s>x</s></p>", True),
        ('<p><img src="/x" alt=""></p>', True),
        ("<p>\u200b&nbsp;&#8203;</p>", False),
        ('<p title="x"><br></p><ul><li>\u3164</li></ul>', False),
        ("", False),
    ],
)
def test_a_body_is_there_if_anything_of_it_can_be_seen(markup: str, *, is_seen: bool) -> None:
    """A body shows something if it has visible text, struck text or a picture."""
    assert shows_anything(markup) is is_seen


def test_markup_is_told_from_what_looks_like_it() -> None:
    """Only element names of HTML and well-formed references count as markup."""
    assert all(map(has_markup, ["a <b>b</b>", "R&amp;D", "<P>", "a<br/>b"]))
    assert not any(map(has_markup, ["x<y and y>z", "R&D", "<inaudible>", "1 < 2"]))
