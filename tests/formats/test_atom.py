"""Promises of a coverage as an Atom feed, as a feed reader takes it in."""

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


def test_a_feed_says_what_it_is():
    """Its id, its title, what stands below that, its state, its languages and its makers."""
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
    """Id, titles, times, names, tags, summary and HTML, each in the entry's own language."""
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
    """With type and words; of a type that nobody can tell, nothing is said."""
    (entry,) = _read(
        replace(ENTRY, media=(PICTURE, replace(PICTURE, url="/x", caption="")))
    ).entries
    first, second = entry.enclosures
    assert (first.href, first.type) == (f"{BASE}/media/p1.jpg", "image/jpeg")
    assert first.title == "The last step"
    assert second.href == f"{BASE}/x"
    assert second.title == "A man on a ladder"


def test_a_tombstone_takes_the_place_of_what_was_there():
    """Under the same id, with a later time, and no word of before."""
    stone = tombstone(ENTRY, Note("We were wrong.", LATER))
    document = render_atom(feed_of(stone))
    (entry,) = read_atom(document).entries
    assert entry.id == coverage_urn(COVERAGE, "entry/landed")
    assert (entry.title, entry.updated) == ("Retracted", "1969-07-20T20:22:40.000Z")
    assert entry.content[0].value == "We were wrong."
    assert b"Eagle" not in document
    assert b"Moon" not in document


def test_nothing_empty_is_told():
    """What is not known is left out; a feed always has an author."""
    bare = replace(COVERAGE, standfirst=None, kicker=None, bylines=())
    document = render_atom(feed_of(replace(ENTRY, tags=(), bylines=(), media=()), coverage=bare))
    assert b"<subtitle" not in document
    assert b"<category" not in document
    assert document.count(b"<author") == 1
    assert read_atom(document).feed.author == "The Example"


@pytest.mark.parametrize("text", HOSTILE)
def test_words_arrive_as_they_were_written(text):
    """Whatever would end an element, a section or a script, and in every script of the world.

    What would order the text beside it is isolated.
    """
    body = Body(sanitise(text) or "-")
    entry = replace(ENTRY, headline=text, tags=(text,), bylines=(Byline(text),), body=body)
    (found,) = _read(entry, coverage=replace(COVERAGE, title=text)).entries
    assert found.title_detail.value == isolate(text)
    assert found.content[0].value == body.html
    assert [tag.term for tag in found.tags] == [isolate(text)]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_makes_a_feed_ill_formed(text):
    """What XML cannot hold is dropped, and everything else is kept."""
    entry = replace(ENTRY, headline=text or "x", body=Body(text or "x"), tags=(text,))
    root = ET.fromstring(render_atom(feed_of(entry, title=text)))
    legal = "".join(c for c in text if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff"))
    found = root.findtext("{http://www.w3.org/2005/Atom}title") or ""
    assert found == legal.replace("\r\n", "\n").replace("\r", "\n")


def test_a_video_of_another_site_is_a_page_and_no_file():
    """A feed reader offers to open it, and not to download it."""
    (entry,) = _read(replace(ENTRY, media=(EMBED,))).entries
    (link,) = [link for link in entry.links if link.rel not in {"alternate", "self"}]
    assert (link.rel, link.type, link.href) == ("related", "text/html", EMBED.url)
