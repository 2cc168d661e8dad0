"""Promises of an entry as a value."""

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


def _entry(**rest: object) -> Entry:
    return Entry("e", "apollo-11", "published", START, "en", **rest)  # type: ignore[arg-type]


@given(entries(), words(1))
def test_a_tombstone_keeps_its_place_and_nothing_of_the_words(entry: Entry, text: str):
    """Every field that is not its place, its times, its language or the note is as in a new one."""
    stone = tombstone(entry, Note(text, START))
    kept = {"id", "coverage", "seq", "revision", "published_at", "language"}
    for place in fields(Entry):
        value = getattr(stone, place.name)
        if place.name in kept:
            assert value == getattr(entry, place.name)
        elif place.name not in {"status", "updated_at", "retraction"}:
            assert value == place.default
    assert (stone.status, stone.updated_at) == ("retracted", START)
    assert stone.retraction == Note(text, START)
    assert stone.is_public
    assert stone.is_empty
    assert stone.title == ""


def test_a_title_is_the_headline_as_it_is():
    """However long it is."""
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
    """Cut between words where there are any near the end, 80 characters at most."""
    assert _entry(body=Body(markup)).title == title
    assert len(title) <= 80


def test_without_text_the_picture_gives_the_title():
    """Its caption, else what it shows."""
    captioned = Media("m", "image", "/m", alt="A footprint", caption="First step")
    assert _entry(media=(captioned,)).title == "First step"
    assert _entry(media=(Media("m", "image", "/m", alt="A footprint"),)).title == "A footprint"


@given(words())
def test_the_words_of_a_body_are_those_that_were_written(text: str):
    """Escapes are undone, white space is one blank; nothing of the text is taken for a tag.

    A text that cannot be seen is none.
    """
    body = body_from_html(f'<p title="a > b">{html.escape(text)}</p>')
    words_of = " ".join(replace_controls(text).split())
    assert (plain_text(body.html) if body else "") == (words_of if is_visible(text) else "")


@pytest.mark.parametrize("text", ["a", "0", "5f3e-block", "https:x", "A.b:c_d-e", "x" * 100])
def test_ids_of_other_systems_are_ids_here(text: str):
    """An import keeps them."""
    assert ENTRY_ID.fullmatch(text)


@pytest.mark.parametrize("text", ["", "-a", ".", "..", "a/b", "a b", "a\n", "ä", "x" * 101, "\x00"])
def test_what_could_be_another_path_is_no_id(text: str):
    """Nor is what some database refuses."""
    assert not ENTRY_ID.fullmatch(text)


def test_an_unpinned_entry_is_the_same_otherwise():
    """Only the pin goes."""
    entry = Newsdesk().act_all([]).publish("One", pinned=True)
    assert unpinned(entry) == _copy(entry)


def _copy(entry: Entry) -> Entry:
    values = {place.name: getattr(entry, place.name) for place in fields(Entry)}
    return Entry(**values | {"pinned": False})
