"""The entry as a value: its tombstone, its title, its text and its id."""

import html
from dataclasses import fields

import pytest
from hypothesis import given

from app.intake.body import body_from_html
from app.intake.text_types import replace_controls
from app.timeline.entry import ENTRY_ID, Body, Entry, Media, Note, tombstone, unpinned
from app.timeline.plain_text import plain_text
from app.timeline.visible_text import is_visible
from tests.newsdesk import Newsdesk
from tests.strategies import START, entries, words


def _entry(**values: object) -> Entry:
    return Entry("e", "apollo-11", "published", START, "en", **values)  # type: ignore[arg-type]


@given(entries(), words(1))
def test_a_tombstone_keeps_its_place_and_nothing_of_the_words(entry: Entry, text: str):
    """A tombstone keeps id, coverage, seq, revision, publication time and language.

    Status, update time and note are set; every other field has its default.
    """
    retracted = tombstone(entry, Note(text, START))
    kept_fields = {"id", "coverage", "seq", "revision", "published_at", "language"}
    for field in fields(Entry):
        value = getattr(retracted, field.name)
        if field.name in kept_fields:
            assert value == getattr(entry, field.name)
        elif field.name not in {"status", "updated_at", "retraction"}:
            assert value == field.default
    assert (retracted.status, retracted.updated_at) == ("retracted", START)
    assert retracted.retraction == Note(text, START)
    assert retracted.is_public
    assert retracted.is_empty
    assert retracted.title == ""


def test_a_title_is_the_headline_as_it_is():
    """The title is the headline, whatever its length."""
    assert _entry(headline="x" * 300, body=Body("<p>y</p>")).title == "x" * 300


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        ("<p>Contact <b>light</b>.</p>", "Contact light."),
        ("<ul><li>One</li><li>Two</li></ul>", "One • Two"),
        ("<p>5 &lt; 6 &amp; 7</p>", "5 < 6 & 7"),
        ("<p>" + "word " * 30 + "</p>", "word " * 15 + "word…"),
        ("<p>" + "x" * 81 + "</p>", "x" * 79 + "…"),
        ("<p>" + "x" * 80 + "</p>", "x" * 80),
    ],
)
def test_without_a_headline_the_text_begins_the_title(markup: str, title: str):
    """Without a headline the title is the start of the text, truncated to 80 characters.

    The text is truncated between words if there is a space near the end.
    """
    assert _entry(body=Body(markup)).title == title
    assert len(title) <= 80


def test_without_text_the_picture_gives_the_title():
    """Without text the title is the picture's caption, else its alternative text."""
    captioned = Media("m", "image", "/m", alt="A footprint", caption="First step")
    assert _entry(media=(captioned,)).title == "First step"
    assert _entry(media=(Media("m", "image", "/m", alt="A footprint"),)).title == "A footprint"


@given(words())
def test_the_words_of_a_body_are_those_that_were_written(text: str):
    """The plain text of a body is its text with entities decoded and white space collapsed.

    Text with angle brackets is not taken for a tag, and a body without visible text is None.
    """
    body = body_from_html(f'<p title="a > b">{html.escape(text)}</p>')
    expected = " ".join(replace_controls(text).split())
    assert (plain_text(body.html) if body else "") == (expected if is_visible(text) else "")


@pytest.mark.parametrize("text", ["a", "0", "5f3e-block", "https:x", "A.b:c_d-e", "x" * 100])
def test_ids_of_other_systems_are_ids_here(text: str):
    """Ids that other systems use are valid entry ids, so that an import keeps them."""
    assert ENTRY_ID.fullmatch(text)


@pytest.mark.parametrize("text", ["", "-a", ".", "..", "a/b", "a b", "a\n", "ä", "x" * 101, "\x00"])
def test_what_could_be_another_path_is_no_id(text: str):
    """A text that could change a path or that a database refuses is not an entry id."""
    assert not ENTRY_ID.fullmatch(text)


def test_an_unpinned_entry_is_the_same_otherwise():
    """`unpinned` changes no field but `pinned`."""
    entry = Newsdesk().act_all([]).publish("One", pinned=True)
    assert unpinned(entry) == _copy(entry)


def _copy(entry: Entry) -> Entry:
    values = {field.name: getattr(entry, field.name) for field in fields(Entry)}
    return Entry(**values | {"pinned": False})
