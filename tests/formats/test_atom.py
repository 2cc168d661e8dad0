"""A coverage as an Atom feed, read with feedparser."""

from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.atom import render_atom
from app.formats.bidi import isolate
from app.formats.html_sanitiser import sanitise
from app.formats.identity import coverage_urn
from app.timeline.edition import Translation
from app.timeline.entry import Body, Byline, Note, tombstone
from tests.formats.feeds import BASE, feed_of, read_atom
from tests.formats.samples import AT, COVERAGE, EMBED, ENTRY, PICTURE

LATER = AT + timedelta(minutes=5)
HOSTILE = [
    "]]>",
    "</script><script>alert(1)</script>",
    "<![CDATA[x]]>",
    "&amp;&lt;",
    "😀",
    "خبر عاجل \u202eabc\u202c",
    "\"'",
    "a\u2028b",
]


def _read(*entries, **changes):
    return read_atom(render_atom(feed_of(*entries, **changes)))


def test_a_translation_leads_to_its_original():
    """A translation's item has the original as its source, with the language of that."""
    translation = replace(ENTRY, translation_of=Translation("apollo-ru", "landed-ru", 1, "ru"))
    (entry,) = _read(translation).entries
    (source,) = [link for link in entry.links if link.rel == "via"]
    assert (source.href, source.hreflang) == (f"{BASE}/coverages/apollo-ru/entries/landed-ru", "ru")


def test_a_feed_says_what_it_is():
    """The feed has id, title, subtitle, update time, authors, category, language and links."""
    feed = _read(coverage=replace(COVERAGE, updated_at=LATER)).feed
    assert feed.id == coverage_urn(COVERAGE, "feed")
    assert (feed.title, feed.subtitle) == ("Apollo 11", "Two men go down.")
    assert feed.updated == "1969-07-20T20:22:40.000Z"
    assert [author.name for author in feed.authors] == ["Ada Lovelace"]
    assert [tag.term for tag in feed.tags] == ["Space"]
    assert feed.language == "en"
    assert feed.generator == "Dateline"
    assert {link.rel: link.href for link in feed.links} == {
        "self": f"{BASE}/coverages/apollo-11/feed.atom",
        "alternate": f"{BASE}/coverages/apollo-11",
    }


def test_an_entry_is_told_whole():
    """An entry has all its fields in Atom, with its own language on title and content."""
    (entry,) = _read(replace(ENTRY, updated_at=LATER, language="ka")).entries
    assert entry.id == coverage_urn(COVERAGE, "entry/landed")
    assert entry.link == f"{BASE}/coverages/apollo-11/entries/landed"
    assert entry.title == "The Eagle has landed"
    assert entry.published == "1969-07-20T20:17:40.000Z"
    assert entry.updated == "1969-07-20T20:22:40.000Z"
    assert [author.name for author in entry.authors] == ["Ada Lovelace", "Grace Hopper"]
    assert [tag.term for tag in entry.tags] == ["descent", "sea of tranquility"]
    assert entry.summary == "Two men are on the Moon"
    assert entry.content[0].type == "text/html"
    assert entry.content[0].value == ENTRY.body.html
    assert entry.content[0].language == entry.title_detail.language == "ka"


def test_pictures_are_enclosed():
    """A picture is an enclosure with its type, if known, and its caption or alternative text."""
    (entry,) = _read(
        replace(ENTRY, media=(PICTURE, replace(PICTURE, url="/x", caption="")))
    ).entries
    first, second = entry.enclosures
    assert (first.href, first.type) == (f"{BASE}/media/p1.jpg", "image/jpeg")
    assert first.title == "The last step"
    assert second.href == f"{BASE}/x"
    assert second.title == "A man on a ladder"


def test_a_tombstone_takes_the_place_of_what_was_there():
    """A tombstone keeps the entry's id, has a later update time and none of the old content."""
    retracted = tombstone(ENTRY, Note("We were wrong.", LATER))
    document = render_atom(feed_of(retracted))
    (entry,) = read_atom(document).entries
    assert entry.id == coverage_urn(COVERAGE, "entry/landed")
    assert (entry.title, entry.updated) == ("Retracted", "1969-07-20T20:22:40.000Z")
    assert entry.content[0].value == "We were wrong."
    assert b"Eagle" not in document
    assert b"Moon" not in document


def test_nothing_empty_is_told():
    """Elements without a value are omitted, and a feed without bylines names the publisher."""
    bare = replace(COVERAGE, standfirst=None, kicker=None, bylines=())
    document = render_atom(feed_of(replace(ENTRY, tags=(), bylines=(), media=()), coverage=bare))
    assert b"<subtitle" not in document
    assert b"<category" not in document
    assert document.count(b"<author") == 1
    assert read_atom(document).feed.author == "The Example"


@pytest.mark.parametrize("text", HOSTILE)
def test_words_arrive_as_they_were_written(text):
    """Text of any script and text that resembles markup reads back unchanged.

    Text with characters that would reorder its surroundings is isolated.
    """
    body = Body(sanitise(text) or "-")
    entry = replace(ENTRY, headline=text, tags=(text,), bylines=(Byline(text),), body=body)
    (parsed,) = _read(entry, coverage=replace(COVERAGE, title=text)).entries
    assert parsed.title_detail.value == isolate(text)
    assert parsed.content[0].value == body.html
    assert [tag.term for tag in parsed.tags] == [isolate(text)]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_makes_a_feed_ill_formed(text):
    """Characters that XML cannot contain are dropped, and all others are kept."""
    entry = replace(ENTRY, headline=text or "x", body=Body(text or "x"), tags=(text,))
    root = ET.fromstring(render_atom(feed_of(entry, title=text)))
    legal = "".join(c for c in text if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff"))
    title = root.findtext("{http://www.w3.org/2005/Atom}title") or ""
    assert title == legal.replace("\r\n", "\n").replace("\r", "\n")


def test_a_video_of_another_site_is_a_page_and_no_file():
    """An embedded video is a `related` link to its page, not an enclosure."""
    (entry,) = _read(replace(ENTRY, media=(EMBED,))).entries
    (link,) = [link for link in entry.links if link.rel not in {"alternate", "self"}]
    assert (link.rel, link.type, link.href) == ("related", "text/html", EMBED.url)
