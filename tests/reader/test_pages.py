"""The pages as they are rendered."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.formats.html import HtmlRenderer
from app.formats.public_json import PublicJson
from app.reader.page_content import PageContent
from app.reader.page_query import PageQuery
from app.reader.page_rendering import render_coverage, render_error, render_index
from app.timeline.coverage import KeyEvent
from app.timeline.entry import Note, tombstone
from app.timeline.selection import Slice
from tests.formats.parsed import parse
from tests.formats.samples import AT, COVERAGE, ENTRY

BASE = "https://news.example"
RENDERER = HtmlRenderer(packages=("app.reader", "app.formats"))
OLDER = replace(ENTRY, id="contact", seq=6, headline="Contact light", media=())
TOMBSTONE = tombstone(replace(ENTRY, id="wrong", seq=5), Note("Not so.", AT))
ALL = Slice((ENTRY, OLDER, TOMBSTONE), has_older=False, has_newer=False)


def _markup(loaded=None, view=None, **changes):
    loaded = loaded or PageContent(COVERAGE, ALL)
    loaded = replace(loaded, **changes)
    return render_coverage(RENDERER, loaded, view or PageQuery(), PublicJson(BASE), "n0nce")


def _index(live, closed, older):
    return render_index(RENDERER, "en", live, closed, older, BASE, AT)


def _page(loaded=None, view=None, **changes):
    return parse(_markup(loaded, view, **changes))


def _links(page):
    return {a.text: a.attributes["href"] for a in page.all("a") if "href" in a.attributes}


PAGES = {
    "coverage": lambda: _markup(pinned=OLDER),
    "filtered": lambda: _markup(view=PageQuery(tag='a"b', key_events=True)),
    "empty": lambda: _markup(PageContent(COVERAGE, Slice((), has_older=False, has_newer=False))),
    "entry": lambda: _markup(entry=OLDER),
    "index": lambda: _index([COVERAGE], [replace(COVERAGE, status="closed")], None),
    "nothing": lambda: _index([], [], None),
    "error": lambda: render_error(RENDERER, "en", 404, "There is no entry <b>x</b> here."),
}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_well_formed(name):
    """Ids are unique, references resolve, and there is one `h1`, `main` and `title`."""
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
    """A page has no inline script, style or event handler, except JSON-LD, which is data."""
    page = parse(PAGES[name]())
    assert not page.all("style")
    for script in page.all("script"):
        assert script.attributes.get("type") == "application/ld+json" or not script.children
    for element in page.all():
        assert "style" not in element.attributes
        assert not [a for a in element.attributes if a.startswith("on")]


def test_the_page_shows_what_the_stream_would_bring():
    """Head and entries are the strings that the stream sends, so that a script can replace them."""
    markup = _markup()
    assert RENDERER.head(COVERAGE) in markup
    for entry in ALL.entries:
        assert RENDERER.entry(entry) in markup


def test_the_stream_can_go_on_where_the_page_ends():
    """The page carries its coverage, its cursor and the server's time."""
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
    """Only the newest unfiltered page is marked for new entries, and has the pinned entry."""
    loaded = PageContent(COVERAGE, replace(ALL, has_newer=has_newer))
    page = _page(loaded, view)
    assert ("data-newest" in page.one("main").attributes) == newest
    assert bool(page.all("section", "pinned")) == newest


def test_paging_needs_no_script_and_keeps_the_filters():
    """Links lead to older, newer and latest updates under the same filters."""
    loaded = PageContent(COVERAGE, replace(ALL, has_older=True, has_newer=True))
    links = _links(_page(loaded, PageQuery(before="x", tag="a b")))
    assert links["Older updates"] == "/coverages/apollo-11?before=wrong&tag=a+b"
    assert links["Newer updates"] == "/coverages/apollo-11?after=landed&tag=a+b"
    assert links["Latest updates"] == "/coverages/apollo-11?tag=a+b"


def test_the_ends_of_the_timeline_have_no_way_on():
    """Without older or newer entries there is no link to them."""
    assert not {"Older updates", "Newer updates", "Latest updates"} & set(_links(_page()))


def test_a_page_without_entries_says_so():
    """An empty timeline has a notice; an empty older page links to the latest updates."""
    empty = PageContent(COVERAGE, Slice((), has_older=False, has_newer=False))
    assert _page(empty).one("p", "empty").text
    assert "Latest updates" not in _links(_page(empty))
    assert "Latest updates" in _links(_page(empty, PageQuery(before="first")))


def test_without_scripts_there_is_a_way_to_refresh():
    """Without scripts a link refreshes the page, and the button for waiting entries is hidden."""
    page = _page()
    link = page.one("noscript").one("a")
    assert (link.text, link.attributes["href"]) == ("Refresh", "/coverages/apollo-11")
    assert page.one(cls="connection").attributes["data-state"] == "connecting"
    assert "hidden" in page.one(cls="waiting").one("button").attributes


def test_filters_show_which_of_them_holds():
    """The active filter is marked with `aria-current`."""
    page = _page(view=PageQuery(tag="a&b"))
    current = [a for a in page.all("a") if "aria-current" in a.attributes]
    assert [(a.text, a.attributes["href"]) for a in current] == [
        ("a&b", "/coverages/apollo-11?tag=a%26b")
    ]


def test_key_events_lead_to_their_place():
    """Key events link to the entry on this page or to its own page, newest first."""
    key_events = (
        KeyEvent("far", "Lift-off", AT - timedelta(days=4)),
        KeyEvent("landed", "Down", AT),
    )
    page = _page(coverage=replace(COVERAGE, key_events=key_events))
    links = page.one("nav", "key-events").one("ol").all("a")
    assert [(a.one(cls="turn").text, a.attributes["href"]) for a in links] == [
        ("Down", "#entry-landed"),
        ("Lift-off", "/coverages/apollo-11/entries/far"),
    ]


@pytest.mark.parametrize(("count", "shown"), [(30, range(29, -1, -1)), (31, range(30, 0, -1))])
def test_only_the_newest_key_events_are_beside_the_page(count: int, shown: range):
    """A page lists 30 key events; with more of them, a link leads to the page of all."""
    key_events = tuple(KeyEvent(f"e{n}", f"Number {n}", AT) for n in range(count))
    page = _page(coverage=replace(COVERAGE, key_events=key_events), view=PageQuery(tag="moon"))
    nav = page.one("nav", "key-events")
    assert [each.text for each in nav.one("ol").all(cls="turn")] == [f"Number {n}" for n in shown]
    link = nav.one("a", "all")
    assert link.attributes["href"] == "/coverages/apollo-11?key_events=true"
    assert ("hidden" in link.attributes) == (count == 30)


def test_the_pinned_entry_stands_on_top():
    """The pinned entry is in a section of its own, which is hidden if no entry is pinned."""
    (pinned,) = _page(pinned=OLDER).all("section", "pinned")
    assert pinned.one("article").attributes["data-entry"] == "contact"
    assert "hidden" not in pinned.attributes
    assert "hidden" in _page().all("section", "pinned")[0].attributes


def test_each_day_has_a_heading():
    """Entries are grouped by day of publication, in a feed labelled by the day's heading."""
    previous_day = replace(OLDER, published_at=AT - timedelta(days=1))
    page = _page(slice=replace(ALL, entries=(ENTRY, previous_day)))
    days = page.one(cls="days").all("section")
    headings = [day.one("h2").text for day in days]
    assert headings == ["Sunday, 20 July 1969", "Saturday, 19 July 1969"]
    for day in days:
        feed = day.one(role="feed").attributes
        assert feed["aria-labelledby"] == day.one("h2").attributes["id"]


def test_an_entry_has_a_page_of_its_own():
    """An entry's page marks and focuses it among its neighbours, and has its title and address."""
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
    """The page of a retracted entry shows the note, has `noindex` and only the coverage's title."""
    page = _page(entry=TOMBSTONE)
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
    """The canonical address omits filters, and keeps the position of an older page."""
    link = _page(view=view).one("link", rel="canonical")
    assert link.attributes["href"] == f"{BASE}/coverages/apollo-11{canonical}"


def test_machines_find_the_feeds_and_the_structured_data():
    """The head links feeds and oEmbed, and the JSON-LD has the entries shown."""
    page = _page()
    kinds = {link.attributes["type"] for link in page.all("link", rel="alternate")}
    assert {"application/atom+xml", "application/feed+json", "application/json+oembed"} <= kinds
    assert page.one("script", type="application/ld+json").text.count("BlogPosting") == 3


def test_a_page_runs_the_way_of_its_language():
    """The page has the language and the direction of its coverage."""
    html = _page(coverage=replace(COVERAGE, language="ar")).one("html").attributes
    assert (html["lang"], html["dir"]) == ("ar", "rtl")


def test_the_index_lists_what_is_live_first():
    """The index lists live coverages, then closed ones, and links to older ones."""
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
    """An error page has a title for its status, and shows the detail escaped."""
    main = parse(PAGES["error"]()).one("main")
    assert main.one("h1").text == "There is no such page"
    assert "There is no entry <b>x</b> here." in main.text
