"""oEmbed responses for coverages and entries."""

import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from app.formats.oembed import describe_embed, parse_page_url, render_oembed
from tests.formats.samples import COVERAGE, PICTURE

BASE = "https://news.example"
WITH_PICTURE = replace(COVERAGE, lead_image=PICTURE)


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
    """URLs of coverages and entries are parsed whatever their query; other URLs are not."""
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
    """A URL with another host, scheme or port is not parsed."""
    assert parse_page_url(f"{base}/coverages/apollo-11", BASE) is None


def test_a_server_below_a_path_knows_its_pages():
    """With a base URL that has a path, only URLs below that path are parsed."""
    base = "https://News.example/live"
    assert parse_page_url("https://news.example/live/coverages/a", base) == ("a", None)
    assert parse_page_url("https://news.example/coverages/a", base) is None


def test_an_answer_has_what_the_protocol_requires():
    """A rich response has its HTML and a size within the requested maximum."""
    described = describe_embed(WITH_PICTURE, BASE, "The Example", width=320, height=10_000)
    assert described == {
        "version": "1.0",
        "type": "rich",
        "title": "Apollo 11",
        "author_name": "Ada Lovelace",
        "provider_name": "The Example",
        "provider_url": "https://news.example/",
        "cache_age": 3600,
        "html": f'<iframe src="{BASE}/coverages/apollo-11/embed" title="Apollo 11"'
        ' width="320" height="800" style="border: 0; max-width: 100%" loading="lazy"></iframe>',
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
    """The thumbnail fits the requested maximum, or all its three fields are omitted."""
    described = describe_embed(WITH_PICTURE, BASE, "The Example", width, height)
    names = ("thumbnail_url", "thumbnail_width", "thumbnail_height")
    actual = tuple(described[name] for name in names if name in described)
    expected = (BASE + thumbnail[0], *thumbnail[1:]) if thumbnail else ()
    assert actual == expected


def test_both_forms_tell_the_same():
    """The JSON and the XML form have the same values, except for characters XML cannot contain."""
    described = describe_embed(replace(WITH_PICTURE, title="A & <b>]]>\x00"), BASE, "The Example")
    as_json = json.loads(render_oembed(described, "json"))
    as_xml = {e.tag: e.text for e in ET.fromstring(render_oembed(described, "xml"))}
    assert as_json == described
    assert as_xml == {name: str(value).replace("\x00", "") for name, value in described.items()}
