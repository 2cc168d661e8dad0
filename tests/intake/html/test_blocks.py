"""Foreign HTML becomes simple blocks that the sanitiser leaves unchanged, without losing text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.formats.html_sanitiser import sanitise
from app.intake.html.blocks import simplify
from app.intake.html.parser import format_fragment, parse_fragment, words

TAGS = [
    *("p", "div", "section", "h2", "b", "i", "span", "strike", "a", "a href='https://a.example/x'"),
    *("ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "tbody", "tr", "td", "th", "pre"),
    *("blockquote", "blockquote class='twitter-tweet'", "q", "cite", "figure", "figcaption"),
    *("img src='https://a.example/y.png'", "img alt='z'", "br", "hr", "details", "summary"),
    *("div data-href='https://f.example/c'", "embed src='https://e.example/v'", "object", "form"),
    *("button", "select", "option", "textarea", "svg", "noscript", "center", "unknown"),
]
WORDS = ["word", "two words", " ", "\n", "&nbsp;", "&lt;", "&amp;", "&", "<", "x<y", "\x00", "&#1;"]
PIECES = st.one_of(
    st.sampled_from([f"<{tag}>" for tag in TAGS]),
    st.sampled_from([f"</{tag.split()[0]}>" for tag in TAGS]),
    st.sampled_from(WORDS),
    st.text(max_size=4),
)
HTML = st.lists(PIECES, max_size=25).map("".join)


def simple(html: str) -> str:
    """Return the fragment's simplified blocks as HTML."""
    return format_fragment(simplify(parse_fragment(html)))


@settings(max_examples=5 * settings.default.max_examples)  # the examples are small
@given(HTML)
def test_what_is_laid_out_is_stored_as_it_is(html: str) -> None:
    """The sanitiser leaves the simplified HTML unchanged."""
    stored = sanitise(simple(html)).replace(' rel="noopener noreferrer"', "")
    assert stored == simple(html).strip()


@settings(max_examples=5 * settings.default.max_examples)  # the examples are small
@given(HTML)
def test_every_letter_stays_in_its_order(html: str) -> None:
    """Every letter stays in order, however malformed the HTML is.

    URLs of frames and of links without text may be added in between.
    """
    tree = parse_fragment(html)
    simplified = iter("".join(words(simplify(tree)).split()))
    original = "".join(words(tree).split()).replace("\N{ZERO WIDTH SPACE}", "")
    assert all(letter in simplified for letter in original)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("", ""),
        ("loose", "<p>loose</p>"),
        ("a<p>b</p>c", "<p>a</p><p>b</p><p>c</p>"),
        ("<div>a<div>b</div></div>", "<p>a</p><p>b</p>"),
        ("<p> a<br>b<br></p><p>&nbsp;</p><p><br></p>", "<p>a<br>b</p>"),
        ("<b>a<div>b</div></b>", "<p><b>a</b></p><p><b>b</b></p>"),
        ('<a href="//a.example/x"><div>a</div></a>', '<p><a href="https://a.example/x">a</a></p>'),
        ("<h2><div>a</div></h2>", "<h2>a</h2>"),
        ("<ul><li><p>a</p></li>b <i>c</i></ul>", "<ul><li>a</li><li>b <i>c</i></li></ul>"),
        ("<li>a", "<ul><li>a</li></ul>"),
        ("<ol start=3><li>a<ul><li>b", '<ol start="3"><li>a<ul><li>b</li></ul></li></ol>'),
        ("<dl><dt>a<dd>b</dl>", "<dl><dt>a</dt><dd>b</dd></dl>"),
        (
            "<table><tr><td colspan=2>a<td></table>",
            '<table><tbody><tr><td colspan="2">a</td><td></td></tr></tbody></table>',
        ),
        ("<pre>\na\n  <span>b</span></pre>", "<pre>a\n  b</pre>"),
        (
            "<blockquote cite='https://a.example/'>a",
            '<blockquote cite="https://a.example/"><p>a</p></blockquote>',
        ),
        ("<strike>a</strike> <tt>b</tt>", "<p><s>a</s> <code>b</code></p>"),
        ('<p lang="ar" dir="rtl" style="x" class="y">a</p>', '<p lang="ar" dir="rtl">a</p>'),
        ('<a name="x">a</a><a href="javascript:b()">b</a>', "<p>ab</p>"),
        (
            '<a href="https://www.a.example/x/"></a>',
            '<p><a href="https://www.a.example/x/">a.example/x</a></p>',
        ),
        ("<script>a</script><style>b</style><!-- c -->", ""),
        ('<img src="data:x" alt="a wall">', "<p>a wall</p>"),
        (
            '<figure><img src="https://a.example/y.png"><figcaption><p>a</p></figcaption></figure>',
            '<figure><img src="https://a.example/y.png" alt=""><figcaption>a</figcaption></figure>',
        ),
        (
            '<p>a <iframe src="https://e.example/v" title="Waves">none</iframe></p>',
            '<p>a</p><p><a href="https://e.example/v">Waves</a></p>',
        ),
        (
            '<video><source src="https://e.example/v.mp4">Too old a browser</video>',
            '<p><a href="https://e.example/v.mp4">e.example/v.mp4</a></p>',
        ),
        (
            '<div class="fb-video" data-href="https://f.example/c"></div>',
            '<blockquote cite="https://f.example/c"><p><a href="https://f.example/c">f.example/c</a></p></blockquote>',
        ),
    ],
)
def test_markup_of_each_kind_becomes_simple(html: str, expected: str) -> None:
    """Each kind of markup becomes one simple form."""
    assert simple(html) == expected
