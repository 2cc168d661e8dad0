"""Pasted HTML becomes Markdown that shows the same words, with links, emphasis, lists, headings."""

import html
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.intake.body import body_from_html, body_from_markdown
from app.intake.html.markdown_writer import markdown_from_html
from app.intake.html.parser import parse_fragment, words

PAYLOADS = json.loads((Path(__file__).parent / "clipboard" / "payloads.json").read_text())
_TAGS = ["b", "i", "s", "code", "sup", "span", "a href='https://example.org/'"]
_TEXT = st.text(st.sampled_from("ab *_[]()<>`~#\\|&;!.1/:'\"-é—"), min_size=1, max_size=12)
_MARKED = st.recursive(
    _TEXT.map(html.escape),
    lambda parts: st.tuples(st.sampled_from(_TAGS), st.lists(parts, min_size=1, max_size=3)).map(
        lambda drawn: f"<{drawn[0]}>{''.join(drawn[1])}</{drawn[0].split()[0]}>"
    ),
    max_leaves=5,
)


@pytest.mark.parametrize("payload", PAYLOADS, ids=[payload["name"] for payload in PAYLOADS])
def test_a_clipboard_becomes_the_markdown_that_an_editor_would_write(
    payload: dict[str, str],
) -> None:
    """HTML as each program writes it gives the expected Markdown."""
    assert markdown_from_html(payload["html"]) == payload["markdown"]


@given(st.lists(_MARKED, min_size=1, max_size=4))
def test_no_character_is_taken_for_a_mark(parts: list[str]) -> None:
    """A paragraph shows the same characters as HTML and as the Markdown made of it."""
    markup = f"<p>x {''.join(parts)} y</p>"
    body = body_from_html(markup)
    converted = body_from_markdown(markdown_from_html(markup))
    assert body is not None
    assert converted is not None
    shown, expected = (words(parse_fragment(each.html)) for each in (converted, body))
    assert "".join(shown.split()) == "".join(expected.split())


@pytest.mark.parametrize(
    ("markup", "markdown"),
    [
        ("<ul><li>5 boats</li><li>3 lorries</li></ul>", "* 5 boats\n* 3 lorries"),
        ("<ol start=3><li>a</li><li>b</li></ol>", "3. a\n\n4. b"),
        ("<blockquote>5,000 came</blockquote>", ">\n> 5,000 came"),
        ("<ul><li>a<p>b</p><ul><li>c</li></ul></li></ul>", "- a\n\n  b\n  - c"),
        ("<pre>x\n  y</pre>", "```\nx\n  y\n```"),
        ("a<br><br>b<hr>", "a\n\nb\n\n---"),
        ("<b>a</b> <b>b</b>", "**a b**"),
        ("<p>f<b>o</b>o</p>", "f<strong>o</strong>o"),
        ("<p> </p><img src='https://example.org/a.png'>", ""),
    ],
)
def test_what_this_markdown_reads_otherwise_is_written_otherwise(
    markup: str, markdown: str
) -> None:
    """Numbers after marks, marks within words and lists that begin elsewhere keep their meaning."""
    assert markdown_from_html(markup) == markdown


def test_the_columns_of_a_table_keep_their_sides() -> None:
    """A column of numbers on the right stays there, also below a heading in the middle."""
    markup = (
        "<table><tr><th>a</th><th style='text-align: center'>b</th></tr>"
        "<tr><td>x</td><td style='text-align: right'>2</td></tr></table>"
    )
    assert markdown_from_html(markup) == "| a | b |\n| --- | ---: |\n| x | 2 |"
