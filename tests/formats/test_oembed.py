"""Promises of what another site is told to show."""

import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from app.formats.oembed import describe_embed, parse_page_url, render_oembed
from tests.formats.samples import COVERAGE, PICTURE

BASE = "https://news.example"
LED = replace(COVERAGE, lead_image=PICTURE)


@pytest.mark.parametrize(
    ("below", "place"),
    [
        ("/coverages/apollo-11", ("apollo-11", None)),
        ("/coverages/apollo-11/", ("apollo-11", None)),
        ("/coverages/apollo-11?before=x#entry-y", ("apollo-11", None)),
        ("/coverages/apollo-11/entries/landed", ("apollo-11", "landed")),
        ("/coverages/apollo-11/entries/guardian%3A1", ("apollo-11", "guardian:1")),
        ("/coverages/apollo-11/feed.atom", None),
        ("/coverages/Apollo", None),
        ("/coverages/", None),
        ("/", None),
        ("", None),
    ],
)
def test_addresses_of_pages_are_known(below, place):
    """Those of coverages and of entries, whatever is asked for on them; no others."""
    assert parse_page_url(BASE + below, BASE) == place


@pytest.mark.parametrize(
    "base",
    [
        "https://other.example",
        "http://news.example",
        "https://news.example.evil.example",
        "https://news.example:8443",
        "https://x@news.example",
        "//news.example",
        "",
        "https://[",
    ],
)
def test_other_sites_are_not_shown(base):
    """Nor the same host under another scheme or port."""
    assert parse_page_url(f"{base}/coverages/apollo-11", BASE) is None


def test_a_server_below_a_path_knows_its_pages():
    """And not those beside it."""
    base = "https://News.example/live"
    assert parse_page_url("https://news.example/live/coverages/a", base) == ("a", None)
    assert parse_page_url("https://news.example/coverages/a", base) is None


def test_an_answer_has_what_the_protocol_requires():
    """Of a rich one: its HTML and its size, within what the other site has room for."""
    described = describe_embed(LED, BASE, "The Example", width=320, height=10_000)
    assert described == {
        "version": "1.0",
        "type": "rich",
        "title": "Apollo 11",
        "author_name": "Ada Lovelace",
        "provider_name": "The Example",
        "provider_url": "https://news.example/",
        "cache_age": 3600,
        "html": f'<script async src="{BASE}/embed.js" data-coverage="apollo-11"></script>',
        "width": 320,
        "height": 800,
    }


@pytest.mark.parametrize(
    ("width", "height", "thumbnail"),
    [
        (None, None, ("/media/p1-1600.jpg", 1600, 1200)),
        (1000, None, ("/media/p1-800.jpg", 800, 600)),
        (None, 600, ("/media/p1-800.jpg", 800, 600)),
        (799, None, None),
    ],
)
def test_a_thumbnail_fits_or_is_left_out(width, height, thumbnail):
    """Of a type that every program shows; its address, width and height go together."""
    described = describe_embed(LED, BASE, "The Example", width, height)
    names = ("thumbnail_url", "thumbnail_width", "thumbnail_height")
    found = tuple(described[name] for name in names if name in described)
    expected = (BASE + thumbnail[0], *thumbnail[1:]) if thumbnail else ()
    assert found == expected


def test_both_forms_tell_the_same():
    """JSON and XML, also with words that XML must escape or cannot hold."""
    described = describe_embed(replace(LED, title="A & <b>]]>\x00"), BASE, "The Example")
    as_json = json.loads(render_oembed(described, "json"))
    as_xml = {e.tag: e.text for e in ET.fromstring(render_oembed(described, "xml"))}
    assert as_json == described
    assert as_xml == {name: str(value).replace("\x00", "") for name, value in described.items()}
