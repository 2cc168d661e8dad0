"""The sanitiser: allowed markup is kept, and nothing that could run or load is."""

import html
import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.formats.html_sanitiser import sanitise
from app.intake.body import body_from_html, body_from_markdown
from tests.formats.vectors import VECTORS

_SAFE_SCHEMES = {"http", "https", "mailto", "tel"}
_ADDRESSES = {"href", "src", "cite"}
_TEXT_TAGS = """
    p br hr div span h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote q cite em strong b i u s
    del ins mark sub sup small abbr code pre kbd time bdi bdo a table caption thead tbody
    tfoot tr th td figure figcaption img
"""
_ALLOWED = set(_TEXT_TAGS.split())


class _OffenceFinder(HTMLParser):
    """Collect everything in the markup that could run a script or load a resource."""

    def __init__(self) -> None:
        super().__init__()
        self.offences: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _ALLOWED:
            self.offences.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or name in {
                "style",
                "srcdoc",
                "id",
                "name",
                "class",
                "target",
            }:
                self.offences.append(f"{tag} {name}")
            if name in _ADDRESSES:
                self._watch_address(tag, name, value or "")

    def handle_comment(self, data: str) -> None:
        self.offences.append(f"comment {data}")

    def handle_decl(self, decl: str) -> None:
        self.offences.append(f"declaration {decl}")

    def _watch_address(self, tag: str, name: str, value: str) -> None:
        # Browsers ignore leading controls and spaces, and tabs and line breaks anywhere.
        plain = re.sub(r"[\x00-\x20\x7f]", "", value)
        scheme = re.match(r"([a-z][a-z0-9+.-]*):", plain, re.IGNORECASE)
        if scheme and scheme[1].lower() not in _SAFE_SCHEMES:
            self.offences.append(f"{tag} {name}={value!r}")


def offences(markup: str) -> list[str]:
    """Return the tags, attributes, URLs and declarations that are not allowed."""
    finder = _OffenceFinder()
    finder.feed(markup)
    finder.close()
    return finder.offences


_OTHER_TAGS = """
    svg math script style form select option textarea title template noscript iframe button
    mtext mglyph foreignObject desc font nobr ruby rt col body html xmp plaintext listing
    annotation-xml mi input object details embed base link meta
"""
_TAGS = [*_TEXT_TAGS.split(), *_OTHER_TAGS.split()]
_NAMES = ["href", "src", "cite", "title", "onclick", "style", "id", "lang", "datetime", "rel"]
_VALUES = ["x", "javascript:alert(1)", "https://x/", "JaVa\tScRiPt:x", "data:text/html,x", "a>b"]
_attribute = st.builds(
    lambda name, value, quote: f" {name}={quote}{value}{quote}",
    st.sampled_from(_NAMES),
    st.sampled_from([*_VALUES, "<pre>\n", "\n"]),
    st.sampled_from(['"', "'", ""]),
)
_piece = st.one_of(
    st.builds(
        lambda tag, attributes: f"<{tag}{''.join(attributes)}>",
        st.sampled_from(_TAGS),
        st.lists(_attribute, max_size=2),
    ),
    st.sampled_from(_TAGS).map(lambda tag: f"</{tag}>"),
    st.text("ab \n\t<>&\"'`=/!-\x00\x0c\r\u2028\u00e9\U0001f680", max_size=8),
    st.sampled_from(["<!--", "-->", "<![CDATA[", "]]>", "<!doctype html>", "&lt;", "&#x0;"]),
)
soup = st.lists(_piece, max_size=12).map("".join)


@settings(max_examples=5 * settings.default.max_examples)  # the examples are small
@given(soup | st.text())
@example("<pre>\n\ncode</pre>")
@example("<li><listing><li>")
@example('<p title="<pre>\n">x</p>')
def test_cleaning_what_is_clean_changes_nothing(markup: str):
    """Sanitising is idempotent, so that an export is imported again byte for byte."""
    clean = sanitise(markup)
    assert sanitise(clean) == clean


@settings(max_examples=5 * settings.default.max_examples)  # the examples are small
@given(soup | st.text())
def test_nothing_that_runs_is_left_of_any_soup(markup: str):
    """Sanitised markup of any shape contains only allowed tags, attributes and URLs."""
    assert offences(sanitise(markup)) == []


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00\r")))
def test_text_is_shown_as_it_was_typed(text: str):
    """Escaped text reads back as it was typed."""
    assert html.unescape(sanitise(html.escape(text))).strip() == text.strip()


@pytest.mark.parametrize("vector", VECTORS)
def test_no_script_no_handler_and_no_javascript_address_is_left(vector: str):
    """No attack vector survives, as HTML or as Markdown."""
    for body in (body_from_html(vector), body_from_markdown(vector)):
        assert offences(body.html if body else "") == []


def test_what_watches_the_vectors_is_awake():
    """`offences` reports each kind of forbidden markup."""
    for vector in (
        "<script>x</script>",
        "<p onclick=x>",
        '<a href="\x01java\nscript:x">',
        '<q cite="data:x">',
        "<!-- x -->",
        "<!doctype html>",
        '<b style="x">',
    ):
        assert offences(vector) != []


def test_there_are_vectors_enough():
    """There are at least sixty distinct attack vectors."""
    assert len(set(VECTORS)) >= 60


@pytest.mark.parametrize(
    "markup",
    [
        "<h1>a</h1><h2>b</h2><h3>c</h3><h4>d</h4><h5>e</h5><h6>f</h6>",
        '<ul><li>a<ul><li>b</li></ul></li></ul><ol start="3" reversed="" type="i"><li>c</li></ol>',
        "<dl><dt>CapCom</dt><dd>The one who speaks to the crew</dd></dl>",
        '<blockquote cite="https://x.example/a?b=1#c"><p>a</p><p><cite>Ann</cite></p></blockquote>',
        '<p><q cite="/coverages/apollo-11">a</q></p>',
        '<table><caption>a</caption><thead><tr><th scope="col">b</th></tr></thead></table>',
        '<table><tbody><tr><td colspan="2" rowspan="3">c</td></tr></tbody></table>',
        "<table><tfoot><tr><td>d</td></tr></tfoot></table>",
        (
            '<figure><img src="/media/a.jpg" alt="a" width="640" height="480">'
            "<figcaption>b</figcaption></figure>"
        ),
        "<p>a<br>b</p><hr><p><em>a</em><strong>b</strong><b>c</b><i>d</i><u>e</u><s>f</s></p>",
        '<p><del datetime="1969-07-20">a</del><ins cite="https://x.example/">b</ins></p>',
        "<p><mark>a</mark><sub>b</sub><sup>c</sup><small>d</small><kbd>e</kbd><code>f</code></p>",
        '<p><abbr title="Lunar Module">LM</abbr> <time datetime="1969-07-20">today</time></p>',
        '<p dir="rtl" lang="ar"><bdi>a</bdi><bdo dir="ltr">b</bdo></p>',
        "<pre>\n\n  a\n\tb</pre>",
        '<p><img src="https://x.example/a.png" alt=""></p>',
    ],
)
def test_what_a_newsroom_writes_stays_to_the_letter(markup: str):
    """Headings, lists, quotations with sources, tables, figures and marks stay unchanged."""
    assert sanitise(markup) == markup


@pytest.mark.parametrize(
    "address",
    [
        "https://x.example/",
        "http://x.example/",
        "mailto:a@b.example",
        "tel:+4930",
        "/a",
        "#b",
        "?c",
        "//x.example/",
    ],
)
def test_a_link_stays_and_tells_its_target_nothing(address: str):
    """A link is kept and gets `rel="noopener noreferrer"`."""
    clean = sanitise(f'<a href="{address}" hreflang="de" target="_blank" onclick="x()">a</a>')
    assert f'href="{address}"' in clean
    assert 'rel="noopener noreferrer"' in clean
    assert 'hreflang="de"' in clean
    assert offences(clean) == []


def test_what_is_dropped_leaves_its_text():
    """A removed element leaves its text, except for scripts and styles."""
    assert sanitise("<form><font>a</font><button>b</button></form>") == "ab"
    assert sanitise("a<script>b</script><style>c</style>d") == "ad"


@pytest.mark.parametrize(
    ("source", "markup"),
    [
        ("# a\n\nb *c* **d**", "<h1>a</h1>\n<p>b <em>c</em> <strong>d</strong></p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("> a", "<blockquote>\n<p>a</p>\n</blockquote>"),
        ("~~a~~", "<p><s>a</s></p>"),
        ("a & b < c", "<p>a &amp; b &lt; c</p>"),
        ("<b>a</b>", "<p><b>a</b></p>"),
        (
            "https://x.example/a",
            '<p><a href="https://x.example/a" rel="noopener noreferrer">https://x.example/a</a></p>',
        ),
    ],
)
def test_markdown_is_rendered_as_people_write_it(source: str, markup: str):
    """Markdown is CommonMark with strikethrough, bare links and raw HTML.

    The body keeps the Markdown source.
    """
    body = body_from_markdown(source)
    assert body is not None
    assert (body.html, body.markdown) == (markup, source)


def test_markdown_has_tables():
    """Markdown tables in the style of GitHub are rendered."""
    body = body_from_markdown("| a | b |\n|---|---|\n| 1 | 2 |")
    assert body is not None
    assert "<th>a</th>" in body.html
    assert "<td>2</td>" in body.html


@pytest.mark.parametrize(
    "markup", ["", " \n", "<p></p>", "<script>a</script>", "<!-- a -->", "<br>"]
)
def test_where_nothing_is_to_be_seen_there_is_no_body(markup: str):
    """Markup without visible content makes no body."""
    assert body_from_html(markup) is None
    assert body_from_markdown(markup) is None


def test_a_picture_is_something_to_be_seen():
    """A picture without alternative text makes a body."""
    body = body_from_html('<img src="/media/a.jpg" alt="">')
    assert body is not None
    assert body.markdown is None


@given(st.text(st.sampled_from("[]()!*_`~<>#-+|:&\\ \n\tab1.\x00\u2028"), max_size=60))
def test_markdown_of_any_shape_is_rendered_clean(source: str):
    """Any Markdown renders without an error to HTML that the sanitiser leaves unchanged."""
    body = body_from_markdown(source)
    if body is not None:
        assert offences(body.html) == []
        assert sanitise(body.html) == body.html
