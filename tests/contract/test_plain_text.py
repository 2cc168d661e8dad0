"""Tests of plain text: every representation has the same text as the page."""

import json
import re
from html import unescape
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.contract.timeline import Timeline

Body = str | dict[str, str]
_ATOM = "{http://www.w3.org/2005/Atom}"
_META = re.compile(r'<meta (?:name|property)="([^"]+)"\s+content="([^"]*)">')
_SCRIPT = re.compile(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', re.DOTALL)
_KEY_EVENT = re.compile(r'<bdi class="turn">(.*?)</bdi>')


def _page(timeline: Timeline, path: str) -> str:
    answer = timeline.newsroom.reader.get(f"/coverages/{timeline.slug}{path}")
    assert answer.status_code == 200, answer.text
    return answer.text


def _texts_of(timeline: Timeline, entry: dict[str, Any]) -> dict[str, str]:
    """Return an entry's title and summary in each representation."""
    page = _page(timeline, f"/entries/{entry['id']}")
    meta = {name: unescape(content) for name, content in _META.findall(page)}
    (script,) = _SCRIPT.findall(page)
    (update,) = [u for u in json.loads(script)["liveBlogUpdate"] if entry["id"] in u["url"]]
    atom = ET.fromstring(_page(timeline, "/feed.atom")).find(f"{_ATOM}entry")
    assert atom is not None
    item = json.loads(_page(timeline, "/feed.json"))["items"][0]
    (title,) = re.findall(r"<title>(.*?) \u2013 .*?</title>", page, re.DOTALL)
    lite = _page(timeline, f"/entries/{entry['id']}?lite=true")
    (lite_title,) = re.findall(r"<title>(.*?) \u2013 .*?</title>", lite, re.DOTALL)
    return {
        "title": unescape(title),
        "lite title": unescape(lite_title),
        "public": entry["title"],
        "stream": timeline.journal()[-1]["entry"]["title"],
        "og:title": meta["og:title"],
        "og:description": meta["og:description"],
        "description": meta["description"],
        "headline": update["headline"],
        "articleBody": update["articleBody"],
        "Atom title": atom.findtext(f"{_ATOM}title", ""),
        "Atom summary": atom.findtext(f"{_ATOM}summary", ""),
        "JSON Feed title": item["title"],
        "JSON Feed summary": item["summary"],
        "key event": unescape(_KEY_EVENT.findall(page)[0]),
        "coverage": timeline.read()["key_events"][0]["title"],
    }


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("~~12~~ 14 people were hurt.", "14 people were hurt."),
        ({"html": "<p><del>12</del> <ins>14</ins> people were hurt.</p>"}, "14 people were hurt."),
        ({"html": "<p>10<sup>6</sup> litres of CO<sub>2</sub></p>"}, "10⁶ litres of CO₂"),
        ({"html": "<p>He said <q>we will go</q> today.</p>"}, "He said “we will go” today."),
        ({"html": '<ol start="45"><li>minute: goal!</li></ol>'}, "45. minute: goal!"),
        ({"html": "<ul><li>5 dead</li><li>3 hurt</li></ul>"}, "5 dead • 3 hurt"),
        ({"html": "<table><tr><td>12</td><td>000</td></tr></table>"}, "12 | 000"),
        ({"html": "<p>\u22125 degrees, 5 &gt; 3</p>"}, "\u22125 degrees, 5 > 3"),
    ],
)
def test_every_door_says_what_the_page_says(timeline: Timeline, body: Body, text: str) -> None:
    """Page, metadata, structured data, feeds, stream and key events have the same text."""
    entry = timeline.publish(None, body=body, key_event=True)
    texts = _texts_of(timeline, entry)
    assert texts == dict.fromkeys(texts, text)


def test_a_draft_is_listed_by_the_same_text(timeline: Timeline) -> None:
    """A draft is listed with the same title, and with a summary."""
    body = {"html": f"<p><s>12</s> 14 people</p><p>{'word ' * 100}</p>"}
    timeline.publish(None, body=body, draft=True)
    (draft,) = timeline.newsroom.editor.get(f"{timeline.path}/drafts").json()["drafts"]
    assert draft["title"].startswith("14 people word")
    assert draft["summary"].startswith("14 people word")
    assert len(draft["title"]) <= 80 < len(draft["summary"]) <= 280
    public = timeline.act(draft["id"], "publication")
    assert public["title"] == draft["title"]
    assert "summary" not in public


def test_a_tombstone_has_no_title(timeline: Timeline) -> None:
    """A tombstone has no title, which would be made of the retracted text."""
    entry = timeline.publish(None, body="Words that were not so.")
    tombstone = timeline.retract(entry["id"])
    assert entry["title"] == "Words that were not so."
    assert tombstone["title"] is None


def test_an_override_stays_within_its_own_title(timeline: Timeline) -> None:
    """A bidirectional override is isolated in titles and feeds; JSON has the headline as typed."""
    headline = "Fire \u202eat the port"
    fields = {"body": "Seen", "bylines": ["A\u202eB", "C"], "key_event": True}
    entry = timeline.publish(headline, **fields)
    assert entry["headline"] == headline
    texts = _texts_of(timeline, entry)
    isolated = f"\u2068{headline}\u2069"
    as_typed = {"public", "stream", "coverage", "key event"}  # JSON, or a separate element
    for field in ("title", "lite title", "og:title", "headline", "Atom title", "JSON Feed title"):
        assert texts[field] == isolated, field
    for field in as_typed:
        assert texts[field] == headline, field
    page = _page(timeline, "")
    assert re.search(r'<h3 class="headline"\s+dir="auto"', page)
    assert re.search(r'<bdi class="turn">', page)
    assert "\u2068A\u202eB\u2069, C" in page


def test_blocks_take_their_own_direction(timeline: Timeline) -> None:
    """Block elements get `dir="auto"` on pages and in feeds; the stored body does not."""
    html = '<p>מה קורה</p><blockquote dir="rtl"><p>x</p></blockquote><ul><li>y</li></ul>'
    entry = timeline.publish(None, body={"html": html})
    assert entry["body"]["html"] == html
    directed = html.replace("<p>מ", '<p dir="auto">מ').replace("<li>", '<li dir="auto">')
    assert directed in _page(timeline, "")
    assert directed in _page(timeline, "?lite=true")
    assert directed in json.loads(_page(timeline, "/feed.json"))["items"][0]["content_html"]
