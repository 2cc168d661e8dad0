"""Every word of a source is shown, whichever form the source has.

`pytest --hypothesis-profile=search -s tests/intake/test_words_kept.py` runs a long search; with
`-s` it prints how many sources were tried.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.formats.html_sanitiser import make_body
from app.intake.body import body_from_html, body_from_markdown, body_from_text, clean_html
from app.intake.foreign import Intake, journal_from_guardian, journal_from_sourcefabric
from app.intake.markdown import render_markdown
from app.intake.text_types import replace_controls
from app.timeline.entry import Body
from tests.formats.test_html_sanitiser import offences
from tests.intake import guardian_sample, sourcefabric_sample
from tests.intake.foreign import entries, html_of
from tests.intake.shown_words import VisibleText, missing, text_of
from tests.intake.sources import EDITOR_HTML, HTML_SOUP, MARKDOWN, SOUP, Source

_tried: Counter[str] = Counter()


@pytest.fixture(scope="module", autouse=True)
def tally() -> Iterator[None]:
    """Print how many sources of each kind were tried."""
    yield
    for kind, count in _tried.items():
        sys.stdout.write(f"\n{kind}: {count} sources tried")


def _html(body: Body | None) -> str:
    return body.html if body else ""


@given(MARKDOWN)
def test_every_word_of_markdown_is_shown(source: Source) -> None:
    """Markdown shows every word and sign in order, also text that resembles a tag."""
    _tried["Markdown"] += 1
    text, words = source
    markup = _html(body_from_markdown(text))
    assert missing(words, markup) == []
    assert offences(markup) == []


@given(SOUP)
def test_no_marks_in_no_order_take_a_word_of_markdown(pieces: list[str]) -> None:
    """Markdown with markers in random order keeps every word in its text or link attributes."""
    _tried["Markdown of no order"] += 1
    markup = _html(body_from_markdown("".join(pieces)))
    shown = VisibleText(markup)
    seen = shown.text + shown.attribute_text
    assert [piece for piece in pieces if piece.startswith("q") and piece not in seen] == []
    assert offences(markup) == []


@given(
    SOUP.map("".join)
    | MARKDOWN.map(lambda source: source[0])
    | st.text("a*_[]() !<>\n", max_size=30)
)
@example("[](https://a.example)")
@example("[ ](https://a.example) *b*")
@example("![](https://a.example/p.png)")
def test_the_short_way_of_plain_markdown_ends_at_the_same_body(text: str) -> None:
    """What is rendered without a second parse is what the second parse would leave."""
    markup, is_plain = render_markdown(replace_controls(text))
    if is_plain:
        _tried["plain Markdown"] += 1
        assert make_body(markup) == make_body(clean_html(markup))


@given(EDITOR_HTML)
def test_every_word_of_an_editors_html_is_shown(source: Source) -> None:
    """HTML as Google Docs, Word, browsers or people write it shows every word, in order."""
    _tried["HTML of editors"] += 1
    text, words = source
    markup = _html(body_from_html(text))
    assert missing(words, markup) == []
    assert offences(markup) == []


@given(HTML_SOUP)
@example(["<table>", " q1z ", "<td>", " q3z "])
@example(["<select>", " q1z ", "<option>", " q3z "])
@example(["<p title=", '"', " q2z ", ">"])
def test_no_tags_in_no_order_take_a_word_of_html(pieces: list[str]) -> None:
    """HTML with tags in random order keeps every word once, whatever is left unclosed."""
    _tried["HTML of no order"] += 1
    markup = _html(body_from_html("".join(pieces)))
    words = [piece.strip() for piece in pieces if piece.startswith(" q")]
    shown = VisibleText(markup)
    kept = re.findall(r"q\d+z", shown.text + shown.attribute_text)
    assert kept == words
    assert offences(markup) == []


@given(HTML_SOUP)
def test_a_body_that_comes_back_as_html_is_the_same(pieces: list[str]) -> None:
    """Stored HTML that is sent again stays the same byte for byte.

    An export or an amendment therefore changes nothing by itself.
    """
    markup = _html(body_from_html("".join(pieces)))
    assert _html(body_from_html(markup)) == markup


@given(MARKDOWN)
def test_what_comes_of_markdown_comes_back_as_html_the_same(source: Source) -> None:
    """HTML rendered from Markdown stays the same byte for byte when it is sent again."""
    markup = _html(body_from_markdown(source[0]))
    assert _html(body_from_html(markup)) == markup


@given(MARKDOWN | EDITOR_HTML)
def test_prose_is_shown_as_it_was_typed(source: Source) -> None:
    """Plain text is shown as typed, whatever markup it resembles."""
    _tried["Prose"] += 1
    assert text_of(_html(body_from_text(source[0]))) == " ".join(source[0].split())


def _imported(intake: Intake) -> str:
    return "".join(html_of(entry) for entry in entries(intake).values())


@given(EDITOR_HTML)
def test_every_word_of_an_imported_post_is_shown(source: Source) -> None:
    """Posts imported from Live Blog and from Guardian pages show every word, in order."""
    text, words = source
    if not words:
        return
    _tried["Imported posts"] += 2
    post = sourcefabric_sample.post(1, sourcefabric_sample.item("text", text))
    block = guardian_sample.block("b1", guardian_sample.text(text))
    for intake in (
        journal_from_sourcefabric(sourcefabric_sample.response(post)),
        journal_from_guardian(guardian_sample.page(block)),
    ):
        markup = _imported(intake)
        assert missing(words, markup) == []
        assert offences(markup) == []
