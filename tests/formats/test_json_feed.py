"""A coverage as a JSON Feed; each document is validated against the JSON schema."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.formats.bidi import isolate
from app.formats.identity import coverage_urn
from app.formats.json_feed import render_json_feed
from app.timeline.entry import Byline, Note, tombstone
from tests.formats.feeds import BASE, feed_of, read_json_feed
from tests.formats.samples import AT, COVERAGE, EMBED, ENTRY, PICTURE
from tests.formats.test_atom import HOSTILE

LATER = AT + timedelta(minutes=5)


def _read(*entries, **changes):
    return read_json_feed(render_json_feed(feed_of(*entries, **changes)))


def test_a_feed_says_what_it_is():
    """The feed has title, description, home page, feed URL, authors and language."""
    feed = _read()
    assert (feed["title"], feed["description"]) == ("Apollo 11", "Two men go down.")
    assert feed["home_page_url"] == f"{BASE}/coverages/apollo-11"
    assert feed["feed_url"] == f"{BASE}/coverages/apollo-11/feed.json"
    assert feed["authors"] == [{"name": "Ada Lovelace"}]
    assert feed["language"] == "en"


def test_an_entry_is_told_whole():
    """An item has every field of the format that the entry has a value for."""
    (item,) = _read(replace(ENTRY, updated_at=LATER))["items"]
    assert item == {
        "id": coverage_urn(COVERAGE, "entry/landed"),
        "url": f"{BASE}/coverages/apollo-11/entries/landed",
        "title": "The Eagle has landed",
        "content_html": ENTRY.body.html,
        "summary": "Two men are on the Moon",
        "image": f"{BASE}/media/p1.jpg",
        "date_published": "1969-07-20T20:17:40.000Z",
        "date_modified": "1969-07-20T20:22:40.000Z",
        "authors": [{"name": "Ada Lovelace"}, {"name": "Grace Hopper"}],
        "tags": ["descent", "sea of tranquility"],
        "language": "en",
        "attachments": [
            {
                "url": f"{BASE}/media/p1.jpg",
                "mime_type": "image/jpeg",
                "title": "The last step",
            }
        ],
    }


def test_what_has_no_type_is_no_attachment():
    """Media of unknown type are no attachments, and a video is not the item's image."""
    film = replace(PICTURE, kind="video", url="/film.mp4")
    media = (film, EMBED, replace(PICTURE, url="/unknown"))
    (item,) = _read(replace(ENTRY, media=media))["items"]
    assert item["image"] == f"{BASE}/unknown"
    assert [a["mime_type"] for a in item["attachments"]] == ["video/mp4"]


def test_a_tombstone_takes_the_place_of_what_was_there():
    """A tombstone keeps the item's id and has none of the old content."""
    document = render_json_feed(feed_of(tombstone(ENTRY, Note("We were wrong.", LATER))))
    (item,) = read_json_feed(document)["items"]
    assert item["id"] == coverage_urn(COVERAGE, "entry/landed")
    assert (item["title"], item["content_html"]) == ("Retracted", "We were wrong.")
    assert b"Eagle" not in document
    assert b"Moon" not in document


def test_nothing_empty_is_told():
    """A coverage without entries makes a feed without items and without empty fields."""
    feed = _read(coverage=replace(COVERAGE, standfirst=None, bylines=()), entries=())
    assert feed["items"] == []
    assert "description" not in feed
    assert feed["authors"] == [{"name": "The Example"}]


@pytest.mark.parametrize("text", [*HOSTILE, "a\x00\x07\x1f"])
def test_words_arrive_as_they_were_written(text):
    """Text reads back unchanged, with control characters; direction controls are isolated."""
    (item,) = _read(replace(ENTRY, headline=text, bylines=(Byline(text),), tags=(text,)))["items"]
    assert item["title"] == item["tags"][0] == isolate(text)
