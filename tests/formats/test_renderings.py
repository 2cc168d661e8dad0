"""The law of renderings: titles, feeds, JSON and structured data say what the page says."""

import json
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

from hypothesis import assume, given

from app.cli.tailing import event_line
from app.formats.atom import render_atom
from app.formats.bidi import isolate
from app.formats.html import HtmlRenderer
from app.formats.json_feed import render_json_feed
from app.formats.json_ld import live_blog_posting, render_structured_data
from app.formats.public_json import PublicJson
from app.intake.body import body_from_html, body_from_markdown
from app.timeline.cursor import Cursor
from app.timeline.entry import Body, Entry
from app.timeline.event import Event
from app.timeline.fold import apply_entry
from app.timeline.truncation import truncate
from tests.formats.feeds import BASE, feed_of
from tests.formats.parsed import Element, parse
from tests.formats.renderings import (
    html_sources,
    imported,
    markdown_sources,
    read_aloud,
    struck,
    tokens,
)
from tests.formats.samples import AT, COVERAGE, ENTRY

RENDERER = HtmlRenderer(packages=("app.formats", "app.reader"))
_ATOM = "{http://www.w3.org/2005/Atom}"


def _entry(body: Body | None) -> Entry:
    assume(body is not None)
    return replace(ENTRY, headline=None, body=body, media=(), key_event=True)


def _check(entry: Entry) -> None:
    page = parse(RENDERER.entry(entry)).one(cls="body")
    assert tokens(entry.text) == tokens(read_aloud(page)), (entry.body, entry.text)
    struck_only = set(tokens(struck(page))) - set(tokens(read_aloud(page)))
    assert not struck_only & set(tokens(entry.text))
    _check_places(entry)


def _check_places(entry: Entry) -> None:
    text = entry.text
    title, summary = isolate(truncate(text, 80)), isolate(truncate(text, 280))
    feed = feed_of(entry)
    atom = ET.fromstring(render_atom(feed)).find(f"{_ATOM}entry")
    (item,) = json.loads(render_json_feed(feed))["items"]
    posting = live_blog_posting(COVERAGE, [entry], BASE, "The Example")
    script = parse(str(render_structured_data(posting, "n"))).one("script").raw_text
    (update,) = json.loads(script)["liveBlogUpdate"]
    public = PublicJson(BASE).entry(entry)
    draft = PublicJson(BASE).entry(replace(entry, status="draft"))
    meta_tags = _shared(entry)
    key_event = apply_entry(COVERAGE, None, entry, Cursor("e1", 8), AT).key_events[0]
    event = PublicJson(BASE).event(
        Event(Cursor("e1", 8), "entry.published", "apollo-11", AT, entry)
    )
    titles = {
        "page": parse(RENDERER.entry(entry)).one("article").attributes.get("data-title", ""),
        "atom": atom.findtext(f"{_ATOM}title"),
        "json feed": item["title"],
        "structured data": update["headline"],
        "og": meta_tags["og:title"],
        "key event": isolate(key_event.title),
        "public": isolate(public["title"] or ""),
        "draft": isolate(draft["title"] or ""),
    }
    # An entry without text has the coverage's title there.
    titled = {"atom", "json feed", "structured data", "og"}
    for place, actual in titles.items():
        assert actual == (title or ("Apollo 11" if place in titled else "")), place
    assert (atom.findtext(f"{_ATOM}summary") or "") == item.get("summary", "") == summary
    assert meta_tags.get("description", "") == (summary or COVERAGE.standfirst)
    assert meta_tags.get("og:description", "") == (summary or COVERAGE.standfirst)
    assert update.get("articleBody", "") == isolate(text)
    assert draft["summary"] == truncate(text, 280)
    assert event_line(event).plain.endswith(title)


def _shared(entry: Entry) -> dict[str, Any]:
    context = {
        "coverage": COVERAGE,
        "entry": entry,
        "view": type("View", (), {"at": None}),
        "page": "/coverages/apollo-11",
        "canonical": f"{BASE}/coverages/apollo-11",
        "base_url": BASE,
    }
    tags: list[Element] = parse(RENDERER.render("sharing.html", "en", **context)).all("meta")
    return {
        str(tag.attributes.get("property") or tag.attributes.get("name")): tag.attributes["content"]
        for tag in tags
    }


@given(html_sources())
def test_html_says_the_same_everywhere(source: str) -> None:
    """A body from HTML has the same text as its page in every output."""
    _check(_entry(body_from_html(source)))


@given(markdown_sources())
def test_markdown_says_the_same_everywhere(source: str) -> None:
    """A body from Markdown has the same text as its page in every output."""
    _check(_entry(body_from_markdown(source)))


@given(html_sources())
def test_an_import_says_the_same_everywhere(source: str) -> None:
    """An imported body has the same text as its page in every output."""
    markup = imported(source)
    _check(_entry(None if markup is None else Body(markup)))
