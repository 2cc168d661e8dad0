"""Promises of a coverage as a JSON Feed; each document is checked against the specification."""

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
    """Its title, what stands below that, where it is and of which page, its makers."""
    feed = _read()
    assert (feed["title"], feed["description"]) == ("Apollo 11", "Two men go down.")
    assert feed["home_page_url"] == f"{BASE}/coverages/apollo-11"
    assert feed["feed_url"] == f"{BASE}/coverages/apollo-11/feed.json"
    assert feed["authors"] == [{"name": "Ada Lovelace"}]
    assert feed["language"] == "en"


def test_an_entry_is_told_whole():
    """Every field that the format has for it."""
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
    """An attachment must tell its type; a video is not the image."""
    film = replace(PICTURE, kind="video", url="/film.mp4")
    media = (film, EMBED, replace(PICTURE, url="/unknown"))
    (item,) = _read(replace(ENTRY, media=media))["items"]
    assert item["image"] == f"{BASE}/unknown"
    assert [a["mime_type"] for a in item["attachments"]] == ["video/mp4"]


def test_a_tombstone_takes_the_place_of_what_was_there():
    """Under the same id, with a later time, and no word of before."""
    document = render_json_feed(feed_of(tombstone(ENTRY, Note("We were wrong.", LATER))))
    (item,) = read_json_feed(document)["items"]
    assert item["id"] == coverage_urn(COVERAGE, "entry/landed")
    assert (item["title"], item["content_html"]) == ("Retracted", "We were wrong.")
    assert b"Eagle" not in document
    assert b"Moon" not in document


def test_nothing_empty_is_told():
    """A coverage without entries is a feed without items, and without a hole."""
    feed = _read(coverage=replace(COVERAGE, standfirst=None, bylines=()), entries=())
    assert feed["items"] == []
    assert "description" not in feed
    assert feed["authors"] == [{"name": "The Example"}]


@pytest.mark.parametrize("text", [*HOSTILE, "a\x00\x07\x1f"])
def test_words_arrive_as_they_were_written(text):
    """Control characters too, which JSON can hold; what would order its neighbours is isolated."""
    (item,) = _read(replace(ENTRY, headline=text, bylines=(Byline(text),), tags=(text,)))["items"]
    assert item["title"] == item["tags"][0] == isolate(text)
