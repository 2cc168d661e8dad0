"""The lite page, which has no scripts and no pictures."""

from dataclasses import replace

import pytest

from app.formats.html import HtmlRenderer
from app.formats.public_json import PublicJson
from app.reader.page_content import PageContent
from app.reader.page_query import PageQuery
from app.reader.page_rendering import render_coverage
from app.timeline.entry import Body, Note, tombstone
from app.timeline.selection import Slice
from tests.formats.parsed import parse
from tests.formats.samples import AT, COVERAGE, ENTRY

RENDERER = HtmlRenderer(packages=("app.reader", "app.formats"))
OLDER = replace(ENTRY, id="contact", seq=6, headline="Contact light", media=())
TOMBSTONE = tombstone(replace(ENTRY, id="wrong", seq=5), Note("Not so.", AT))
ALL = Slice((ENTRY, OLDER, TOMBSTONE), has_older=True, has_newer=True)
WITH_LANGUAGES = replace(COVERAGE, languages=("en", "ru"))
PATH = "/coverages/apollo-11"


def _page(view=None, **changes):
    loaded = replace(PageContent(WITH_LANGUAGES, ALL), **changes)
    view = (view or PageQuery()).model_copy(update={"lite": True})
    return parse(
        render_coverage(RENDERER, loaded, view, PublicJson("https://news.example"), "n0nce")
    )


def _links(page):
    return {link.text: link.attributes["href"] for link in page.all("a")}


def test_it_has_no_script_and_no_picture():
    """A picture is replaced by its description and a link."""
    page = _page()
    assert not page.all("script")
    assert not page.all("img")
    assert _links(page)["Picture"] == "/media/p1.jpg"
    assert "The last step" in page.one("main").text


def test_pictures_among_the_words_are_links_too():
    """A picture in an entry's body is replaced by a link with its alternative text."""
    body = Body('<p>See</p><figure><img src="/media/x.jpg" alt="The ladder"></figure>')
    page = _page(slice=replace(ALL, entries=(replace(ENTRY, body=body),)))
    assert _links(page)["The ladder"] == "/media/x.jpg"


@pytest.mark.parametrize(
    ("words", "query"),
    [
        ("All updates", "?lite=true"),
        ("Key events", "?key_events=true&lite=true"),
        ("Oldest first", "?order=oldest&lite=true"),
        ("Русский", "?lang=ru&lite=true"),
        ("Older updates", "?before=landed&lite=true"),
        ("Newer updates", "?after=landed&lite=true"),
        ("Refresh", "?lite=true"),
        ("20:17 UTC", "/entries/landed?lite=true"),
        ("Full page", ""),
    ],
)
def test_every_way_on_stays_in_words(words, query):
    """All links stay on the lite page, except the one to the full page."""
    links = _links(_page(slice=replace(ALL, entries=(ENTRY,))))
    assert links[words] == f"{PATH}{query}"


def test_the_older_are_above_where_the_oldest_come_first():
    """With the oldest entries first, the link to older updates is above the entries."""
    page = _page(PageQuery(order="oldest"), slice=replace(ALL, entries=ALL.entries[::-1]))
    names = [nav.attributes["aria-label"] for nav in page.all("nav", "paging")]
    assert names == ["Older updates", "Newer updates"]


def test_the_pinned_entry_is_on_top_once_more():
    """The copy of the pinned entry at the top has no id, so that ids stay unique."""
    page = _page(pinned=OLDER)
    copy = page.one("section").one("article")
    assert "Contact light" in copy.text
    assert "id" not in copy.attributes


def test_the_entry_that_was_asked_for_comes_into_view():
    """The requested entry is marked and has `autofocus`."""
    chosen = _page(entry=OLDER).one("article", "chosen").attributes
    assert chosen["id"] == "entry-contact"
    assert "autofocus" in chosen


def test_corrections_and_retractions_are_told():
    """Corrections and retractions are in bold, with their time."""
    corrected = replace(ENTRY, correction=Note("It was 760.", AT))
    page = _page(slice=replace(ALL, entries=(corrected, TOMBSTONE)))
    assert [b.text for b in page.all("b")] == ["Correction, 20:17 UTC:", "Retracted, 20:17 UTC:"]


@pytest.mark.parametrize(("changes", "is_retracted"), [({}, False), ({"entry": TOMBSTONE}, True)])
def test_search_engines_are_sent_to_the_full_page(changes, is_retracted):
    """The canonical address is the full page's; a retracted entry's page has a `robots` meta."""
    page = _page(**changes)
    assert bool(page.all("meta", name="robots")) is is_retracted
    path = f"{PATH}/entries/wrong" if is_retracted else PATH
    canonical = page.one("link", rel="canonical").attributes["href"]
    assert canonical == f"https://news.example{path}"
