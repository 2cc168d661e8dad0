"""`dir="auto"` on the blocks of a body."""

import pytest
from hypothesis import given

from app.formats.direction import set_direction
from app.formats.html_sanitiser import sanitise
from tests.formats.parsed import parse
from tests.formats.renderings import html_sources


@pytest.mark.parametrize(
    ("markup", "directed"),
    [
        ("<p>a</p>", '<p dir="auto">a</p>'),
        ('<p lang="ar">a</p>', '<p dir="auto" lang="ar">a</p>'),
        ("<h2>a</h2>", '<h2 dir="auto">a</h2>'),
        (
            "<ul><li>a<ul><li>b</li></ul></li></ul>",
            '<ul><li dir="auto">a<ul><li>b</li></ul></li></ul>',
        ),
        ("<blockquote><p>a</p></blockquote>", '<blockquote dir="auto"><p>a</p></blockquote>'),
        (
            "<table><caption>a</caption><tr><th>b</th><td>c</td></tr></table>",
            '<table><caption dir="auto">a</caption><tr><th dir="auto">b</th>{}</tr></table>'.format(
                '<td dir="auto">c</td>'
            ),
        ),
        (
            "<figure><figcaption>a</figcaption></figure>",
            '<figure><figcaption dir="auto">a</figcaption></figure>',
        ),
        (
            "<div><p>a</p></div><div>b</div>",
            '<div><p dir="auto">a</p></div><div dir="auto">b</div>',
        ),
        ('<p dir="rtl">a</p>', '<p dir="rtl">a</p>'),
        (
            '<div dir="rtl"><p>a</p></div><p>b</p>',
            '<div dir="rtl"><p>a</p></div><p dir="auto">b</p>',
        ),
        ('<p title="x > dir=">a</p>', '<p dir="auto" title="x > dir=">a</p>'),
        ("<p>12:30 - 5&nbsp;000</p>", "<p>12:30 - 5&nbsp;000</p>"),
    ],
)
def test_a_block_takes_the_direction_of_its_text(markup: str, directed: str) -> None:
    """The outermost block with text gets `dir="auto"`, unless it has a direction."""
    assert set_direction(markup) == directed


@given(html_sources())
def test_direction_is_all_that_is_added(source: str) -> None:
    """Only `dir="auto"` is added, and no such element is inside another."""
    clean = sanitise(source)
    directed = set_direction(clean)
    assert directed.replace(' dir="auto"', "") == clean
    body = parse(directed)
    assert not [inner for outer in body.all(dir="auto") for inner in outer.all(dir="auto")]
