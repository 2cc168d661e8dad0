"""Feed items and feed addresses, independent of the feed format."""

from dataclasses import replace
from datetime import timedelta

from app.timeline.entry import Body, Byline, Note, tombstone
from tests.formats.feeds import BASE, feed_of
from tests.formats.samples import AT, COVERAGE, ENTRY, PICTURE

LATER = AT + timedelta(minutes=5)


def _item(**changes):
    (item,) = feed_of(replace(ENTRY, **changes)).items()
    return item


def test_an_entry_is_an_item_under_its_own_address():
    """An item has the entry's address, title, times, language, authors, tags and media."""
    item = _item(updated_at=LATER)
    assert item.url == f"{BASE}/coverages/apollo-11/entries/landed"
    assert (item.title, item.language) == ("The Eagle has landed", "en")
    assert (item.published_at, item.updated_at) == (AT, LATER)
    assert item.authors == ["Ada Lovelace", "Grace Hopper"]
    assert item.tags == ["descent", "sea of tranquility"]
    assert item.media[0].url == f"{BASE}/media/p1.jpg"


def test_what_is_rendered_has_whole_addresses():
    """URLs in an item's content are absolute."""
    item = _item(body=Body('<a href="/x">x</a>'))
    assert f'href="{BASE}/x"' in item.content


def test_a_tombstone_is_an_item_without_the_words():
    """A tombstone is an item with the same address, the note and the time of the retraction."""
    retracted = tombstone(ENTRY, Note("We were wrong.", LATER))
    (item,) = feed_of(retracted).items()
    assert item.url == f"{BASE}/coverages/apollo-11/entries/landed"
    assert (item.title, item.summary, item.content) == ("Retracted", *["We were wrong."] * 2)
    assert (item.updated_at, item.media, item.tags, item.authors) == (LATER, (), [], [])


def test_a_picture_without_a_word_has_the_feeds_title():
    """An item without any text has the feed's title."""
    silent = replace(PICTURE, alt="", caption="")
    assert _item(headline=None, body=None, media=(silent,)).title == "Apollo 11"


def test_a_feed_of_key_events_is_another_feed():
    """A feed of key events has its own page and its own address."""
    feed = feed_of()
    key_events = feed_of(key_events=True)
    assert feed.page == f"{BASE}/coverages/apollo-11"
    assert feed.address("feed.atom") == f"{BASE}/coverages/apollo-11/feed.atom"
    assert key_events.page == f"{BASE}/coverages/apollo-11?key_events=true"
    assert (
        key_events.address("feed.atom") == f"{BASE}/coverages/apollo-11/feed.atom?key_events=true"
    )


def test_somebody_always_answers_for_a_feed():
    """A feed's author is the coverage's byline, else the publisher."""
    assert feed_of().authors == ["Ada Lovelace"]
    unsigned = replace(COVERAGE, bylines=(Byline(" "),))
    assert feed_of(coverage=unsigned).authors == ["The Example"]


def test_what_is_blank_is_not_told():
    """Bylines and tags of white space alone are omitted."""
    item = _item(bylines=(Byline(" "), Byline("A")), tags=(" ", "b"), media=(PICTURE,))
    assert (item.authors, item.tags) == (["A"], ["b"])
