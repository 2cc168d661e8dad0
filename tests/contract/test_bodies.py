"""Bodies: Markdown or HTML on the way in, harmless HTML on the way out."""

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.timeline import Timeline


@pytest.fixture(scope="module")
def timeline(newsroom: Newsroom) -> Timeline:
    """One coverage for the whole file: each test looks at its own entries."""
    return new_timeline(newsroom, new_slug())


def html_of(timeline: Timeline, body: object) -> str:
    """Publish a body; what became of it as HTML."""
    html: str = timeline.publish(None, body=body)["body"]["html"]
    return html


def test_markdown_is_rendered_and_kept(timeline: Timeline) -> None:
    """The source stays beside what was made of it."""
    body = timeline.publish(body="Some *words*.")["body"]
    assert body == {"html": "<p>Some <em>words</em>.</p>", "markdown": "Some *words*."}


def test_html_has_no_markdown(timeline: Timeline) -> None:
    """What came as HTML says so by null."""
    body = timeline.publish(body={"html": "<p>Some <em>words</em>.</p>"})["body"]
    assert body == {"html": "<p>Some <em>words</em>.</p>", "markdown": None}


@pytest.mark.parametrize(
    ("source", "tags"),
    [
        ("- one\n- two", ["<ul>", "<li>"]),
        ("1. one\n2. two", ["<ol>", "<li>"]),
        ("> said", ["<blockquote>"]),
        ("| a | b |\n|---|---|\n| 1 | 2 |", ["<table>", "<td>"]),
        ("~~gone~~", ["<s>gone</s>"]),
        ("## Head", ["<h2>Head</h2>"]),
        ("[here](https://example.org/)", ['href="https://example.org/"']),
        ("<https://example.org/>", ['href="https://example.org/"']),
        ("**strong**", ["<strong>"]),
    ],
)
def test_markdown_has_what_live_coverage_needs(
    timeline: Timeline, source: str, tags: list[str]
) -> None:
    """Lists, quotes, tables, headings and links."""
    html = html_of(timeline, source)
    assert all(tag in html for tag in tags), html


@pytest.mark.parametrize(
    "html",
    [
        '<blockquote cite="https://example.org/"><p>Said</p></blockquote>',
        "<ul><li>one</li></ul>",
        "<h3>Head</h3>",
        "<table><tbody><tr><td>1</td></tr></tbody></table>",
        "<figure><figcaption>Seen</figcaption></figure>",
    ],
)
def test_html_keeps_what_live_coverage_needs(timeline: Timeline, html: str) -> None:
    """Quotes with their source, lists, headings, tables and figures come through."""
    assert html_of(timeline, {"html": html}) == html


DANGERS = [
    "<p>Text</p><script>alert('Evilword')</script>",
    '<p onclick="Evilword()">Text</p>',
    '<p>Text</p><img src="x" onerror="Evilword()">',
    '<a href="javascript:Evilword()">Text</a>',
    '<a href="JaVaScRiPt&colon;Evilword()">Text</a>',
    '<a href=" java&#10;script:Evilword()">Text</a>',
    '<a href="data:text/html,Evilword">Text</a>',
    '<p>Text</p><iframe src="https://example.org/Evilword"></iframe>',
    '<p style="background:url(Evilword)">Text</p>',
    "<p>Text</p><style>Evilword{}</style>",
    '<p>Text</p><object data="Evilword"></object>',
    '<p>Text</p><form action="Evilword"><input name="Evilword"></form>',
    '<svg onload="Evilword()"><p>Text</p></svg>',
    '<p>Text</p><meta http-equiv="refresh" content="0;Evilword">',
    '<p>Text</p><base href="Evilword">',
    '<blockquote cite="javascript:Evilword()">Text</blockquote>',
    "<p>Text</p><math><mtext><style><img src=x onerror=Evilword()></style></mtext></math>",
]


@pytest.mark.parametrize("html", DANGERS)
@pytest.mark.parametrize("by_markdown", [True, False])
def test_nothing_that_acts_comes_through(timeline: Timeline, html: str, by_markdown: bool) -> None:
    """Scripts, handlers, frames, forms and styles are dropped, the text kept."""
    entry = timeline.publish(None, body=html if by_markdown else {"html": html})
    clean = entry["body"]["html"]
    assert "Text" in clean
    assert "Evilword" not in clean
    assert timeline.entry(entry["id"])["body"]["html"] == clean


@pytest.mark.parametrize("html", DANGERS)
def test_a_correction_brings_nothing_that_acts_either(timeline: Timeline, html: str) -> None:
    """Every way in is the same."""
    entry = timeline.publish()
    for changed in (
        timeline.correct(entry["id"], body={"html": html}),
        timeline.amend(entry["id"], body=html),
    ):
        assert "Evilword" not in changed["body"]["html"]


def test_text_that_looks_like_markup_stays_text(timeline: Timeline) -> None:
    """A headline is plain text, in JSON as typed, on the page escaped."""
    headline = '<script>alert("Tom & Jerry")</script>'
    entry = timeline.publish(headline)
    assert entry["headline"] == headline
    for address in ("", f"/entries/{entry['id']}"):
        page = timeline.newsroom.reader.get(f"/coverages/{timeline.slug}{address}").text
        assert headline not in page
        assert "&lt;script&gt;alert(" in page


def test_a_note_is_plain_text_too(timeline: Timeline) -> None:
    """Notes of corrections and retractions do nothing on the page."""
    first, second = timeline.publish(), timeline.publish()
    timeline.correct(first["id"], "<img src=x onerror=Evil1()>")
    timeline.retract(second["id"], "<img src=x onerror=Evil2()>")
    page = timeline.newsroom.reader.get(f"/coverages/{timeline.slug}").text
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=Evil2()&gt;" in page


def test_white_space_in_a_source_is_kept(timeline: Timeline) -> None:
    """Tabs and line ends of Markdown come back as they were sent."""
    source = "One\r\n\r\n\tcode\n\nTwo  \nThree\n"
    assert timeline.publish(body=source)["body"]["markdown"] == source
