"""Promises of the pages, as they are rendered."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.formats.html import HtmlRenderer
from app.formats.public_json import PublicJson
from app.reader.page_query import PageQuery
from app.reader.pages import PageContent, render_coverage, render_error, render_index
from app.timeline.coverage import KeyEvent
from app.timeline.entry import Note, tombstone
from app.timeline.selection import Slice
from tests.formats.parsed import parse
from tests.formats.samples import AT, COVERAGE, ENTRY

BASE = "https://news.example"
LOOK = HtmlRenderer(packages=("app.reader", "app.formats"))
OLDER = replace(ENTRY, id="contact", seq=6, headline="Contact light", media=())
STONE = tombstone(replace(ENTRY, id="wrong", seq=5), Note("Not so.", AT))
ALL = Slice((ENTRY, OLDER, STONE), has_older=False, has_newer=False)


def _markup(loaded=None, view=None, **changes):
    loaded = loaded or PageContent(COVERAGE, ALL)
    loaded = replace(loaded, **changes)
    return render_coverage(LOOK, loaded, view or PageQuery(), PublicJson(BASE), "n0nce")


def _index(live, closed, older):
    return render_index(LOOK, "en", live, closed, older, BASE, AT)


def _page(loaded=None, view=None, **changes):
    return parse(_markup(loaded, view, **changes))


def _links(page):
    return {link.text: link.attributes["href"] for link in page.all("a")}


PAGES = {
    "coverage": lambda: _markup(pinned=OLDER),
    "filtered": lambda: _markup(view=PageQuery(tag='a"b', key_events=True)),
    "empty": lambda: _markup(PageContent(COVERAGE, Slice((), has_older=False, has_newer=False))),
    "entry": lambda: _markup(entry=OLDER),
    "index": lambda: _index([COVERAGE], [replace(COVERAGE, status="closed")], None),
    "nothing": lambda: _index([], [], None),
    "error": lambda: render_error(LOOK, "en", 404, "There is no entry <b>x</b> here."),
}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_well_formed(name):
    """Elements are closed, ids stand once, and there is one heading for the whole."""
    page = parse(PAGES[name]())
    ids = [e.attributes["id"] for e in page.all() if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    assert len(page.all("h1")) == len(page.all("main")) == len(page.all("title")) == 1
    for element in page.all():
        assert element.attributes.get("aria-labelledby", "day-") in {*ids, "day-"}
        link = element.attributes.get("href") or ""
        assert not link.startswith("#") or link[1:] in ids


@pytest.mark.parametrize("name", PAGES)
def test_no_page_needs_an_inline_script_or_style(name):
    """A strict content security policy can hold: only JSON-LD, which is data, stands inline."""
    page = parse(PAGES[name]())
    assert not page.all("style")
    for script in page.all("script"):
        assert script.attributes.get("type") == "application/ld+json" or not script.children
    for element in page.all():
        assert "style" not in element.attributes
        assert not [a for a in element.attributes if a.startswith("on")]


def test_the_page_shows_what_the_stream_would_bring():
    """Entries and head are the same strings, so that the page can be kept up by replacing."""
    markup = _markup()
    assert LOOK.head(COVERAGE) in markup
    for entry in ALL.entries:
        assert LOOK.entry(entry) in markup


def test_the_stream_can_go_on_where_the_page_ends():
    """The page knows its coverage, its cursor and the server's time."""
    main = _page().one("main").attributes
    assert main["data-coverage"] == "apollo-11"
    assert main["data-cursor"] == "e1-7"
    assert main["data-server-time"] == "1969-07-20T20:17:40.000Z"


@pytest.mark.parametrize(
    ("view", "has_newer", "newest"),
    [
        (PageQuery(), False, True),
        (PageQuery(after="contact"), False, True),
        (PageQuery(after="contact"), True, False),
        (PageQuery(before="contact"), False, False),
        (PageQuery(key_events=True), False, False),
        (PageQuery(tag="descent"), False, False),
    ],
)
def test_new_entries_come_in_only_where_they_belong(view, has_newer, newest):
    """Only the newest page of all entries grows, and only it has the pinned entry."""
    loaded = PageContent(COVERAGE, replace(ALL, has_newer=has_newer))
    page = _page(loaded, view)
    assert ("data-newest" in page.one("main").attributes) == newest
    assert bool(page.all("details", "pinned")) == newest


def test_paging_needs_no_script_and_keeps_the_filters():
    """Links lead to what is older and newer under the same filters, and back to the latest."""
    loaded = PageContent(COVERAGE, replace(ALL, has_older=True, has_newer=True))
    links = _links(_page(loaded, PageQuery(before="x", tag="a b")))
    assert links["Older updates"] == "/coverages/apollo-11?before=wrong&tag=a+b"
    assert links["Newer updates"] == "/coverages/apollo-11?after=landed&tag=a+b"
    assert links["Latest updates"] == "/coverages/apollo-11?tag=a+b"


def test_the_ends_of_the_timeline_have_no_way_on():
    """Where there is nothing older or newer, no link promises it."""
    assert not {"Older updates", "Newer updates", "Latest updates"} & set(_links(_page()))


def test_a_page_without_entries_says_so():
    """An empty timeline is not a broken one, and an empty page leads back to the latest."""
    nothing = PageContent(COVERAGE, Slice((), has_older=False, has_newer=False))
    assert _page(nothing).one("p", "empty").text
    assert "Latest updates" not in _links(_page(nothing))
    assert "Latest updates" in _links(_page(nothing, PageQuery(before="first")))


def test_without_scripts_there_is_a_way_to_refresh():
    """And what only a script can fill is hidden, or has its room and nothing to tell yet."""
    page = _page()
    link = page.one("noscript").one("a")
    assert (link.text, link.attributes["href"]) == ("Refresh", "/coverages/apollo-11")
    assert page.one(cls="connection").attributes["data-state"] == "connecting"
    assert "hidden" in page.one(cls="waiting").one("button").attributes


def test_filters_show_which_of_them_holds():
    """The current one is marked, for eyes and ears."""
    page = _page(view=PageQuery(tag="a&b"))
    current = [a for a in page.all("a") if "aria-current" in a.attributes]
    assert [(a.text, a.attributes["href"]) for a in current] == [
        ("a&b", "/coverages/apollo-11?tag=a%26b")
    ]


def test_key_events_lead_to_their_place():
    """Newest first; to the place on this page, or to the entry's own page."""
    turns = (KeyEvent("far", "Lift-off", AT - timedelta(days=4)), KeyEvent("landed", "Down", AT))
    page = _page(coverage=replace(COVERAGE, key_events=turns))
    links = page.one("nav", "key-events").one("ol").all("a")
    assert [(a.one(cls="turn").text, a.attributes["href"]) for a in links] == [
        ("Down", "#entry-landed"),
        ("Lift-off", "/coverages/apollo-11/entries/far"),
    ]


def test_the_pinned_entry_stands_on_top():
    """It is open, and said once more without ids; without one there is nothing to see."""
    held = _page(pinned=OLDER).one("details")
    assert held.one("article").attributes["data-entry"] == "contact"
    assert "open" in held.attributes
    assert "hidden" not in held.attributes
    assert "hidden" in _page().one("details").attributes


def test_each_day_has_a_heading():
    """Entries stand under the day of their publication, in a feed that it names."""
    before = replace(OLDER, published_at=AT - timedelta(days=1))
    page = _page(slice=replace(ALL, entries=(ENTRY, before)))
    days = page.one(cls="days").all("section")
    headings = [day.one("h2").text for day in days]
    assert headings == ["Sunday, 20 July 1969", "Saturday, 19 July 1969"]
    for day in days:
        feed = day.one(role="feed").attributes
        assert feed["aria-labelledby"] == day.one("h2").attributes["id"]


def test_an_entry_has_a_page_of_its_own():
    """It is marked among its neighbours, comes into view, and is what the page is called."""
    page = _page(entry=OLDER)
    chosen = page.one(cls="chosen")
    assert "autofocus" in chosen.attributes
    assert chosen.one("article").attributes["id"] == "entry-contact"
    assert page.one("title").text == "Contact light \u2013 Apollo 11"
    canonical = page.one("link", rel="canonical").attributes["href"]
    assert canonical == f"{BASE}/coverages/apollo-11/entries/contact"
    assert page.one("article", id="entry-landed")
    assert "Latest updates" in _links(page)


def test_the_page_of_a_retracted_entry_is_not_for_search_engines():
    """It stays reachable with its note, and is called only by the coverage."""
    page = _page(entry=STONE)
    assert page.one("meta", name="robots").attributes["content"] == "noindex"
    assert page.one("title").text == "Apollo 11"
    assert "Not so." in page.one(cls="chosen").text


@pytest.mark.parametrize(
    ("view", "canonical"),
    [
        (PageQuery(), ""),
        (PageQuery(tag="descent", key_events=True), ""),
        (PageQuery(before="contact"), "?before=contact"),
    ],
)
def test_a_filtered_page_is_known_by_the_whole(view, canonical):
    """Search engines are sent to the coverage, not to one view of it."""
    link = _page(view=view).one("link", rel="canonical")
    assert link.attributes["href"] == f"{BASE}/coverages/apollo-11{canonical}"


def test_machines_find_the_feeds_and_the_structured_data():
    """Feeds and the oEmbed description are in the head, and the JSON-LD has the entries shown."""
    page = _page()
    kinds = {link.attributes["type"] for link in page.all("link", rel="alternate")}
    assert {"application/atom+xml", "application/feed+json", "application/json+oembed"} <= kinds
    assert page.one("script", type="application/ld+json").text.count("BlogPosting") == 3


def test_a_page_runs_the_way_of_its_language():
    """The whole page, with what stands around the entries."""
    html = _page(coverage=replace(COVERAGE, language="ar")).one("html").attributes
    assert (html["lang"], html["dir"]) == ("ar", "rtl")


def test_the_index_lists_what_is_live_first():
    """Then what has ended, with its number of updates and a way to what is older."""
    live = replace(COVERAGE, slug="now", title="Now", entry_count=1)
    closed = replace(COVERAGE, slug="then", title="Then", status="closed", ended_at=AT)
    page = parse(_index([live], [closed], "/?after=then"))
    headings = [h.text for h in page.all() if h.tag in {"h2", "h3"}]
    assert headings == ["Happening now", "Now", "Earlier coverage", "Then"]
    links = _links(page)
    assert links["Now"] == "/coverages/now"
    assert links["Older coverage"] == "/?after=then"
    assert "1 update" in page.one("main").text


def test_a_refusal_is_told_in_words():
    """What was asked for is shown as it was typed."""
    main = parse(PAGES["error"]()).one("main")
    assert main.one("h1").text == "There is no such page"
    assert "There is no entry <b>x</b> here." in main.text
