"""Promises of the sitemaps; each is checked against a schema of the protocol."""

from dataclasses import replace
from datetime import timedelta

import pytest
import xmlschema

from app.formats.sitemap import (
    render_news_sitemap,
    render_robots,
    render_sitemap,
    render_sitemap_index,
)
from tests.formats.samples import AT, COVERAGE
from tests.formats.sitemaps import read_sitemap

BASE = "https://news.example"


def test_a_sitemap_tells_addresses_and_when_they_changed():
    """In the order given, the index first where it belongs to it."""
    found = read_sitemap(render_sitemap([("a", AT), ("b", AT)], BASE, index=True))
    assert found == [
        {"loc": f"{BASE}/"},
        {"loc": f"{BASE}/coverages/a", "lastmod": "1969-07-20T20:17:40.000Z"},
        {"loc": f"{BASE}/coverages/b", "lastmod": "1969-07-20T20:17:40.000Z"},
    ]
    assert len(read_sitemap(render_sitemap([("a", AT)], BASE))) == 1


def test_an_index_numbers_its_sitemaps():
    """From 1 on, each with the time of the last change in it."""
    found = read_sitemap(render_sitemap_index([AT, AT + timedelta(minutes=5)], BASE))
    assert found == [
        {"loc": f"{BASE}/sitemaps/1.xml", "lastmod": "1969-07-20T20:17:40.000Z"},
        {"loc": f"{BASE}/sitemaps/2.xml", "lastmod": "1969-07-20T20:22:40.000Z"},
    ]


def test_news_are_told_with_who_publishes_them():
    """The newsroom's name, the language by its letters, when it began, and the title."""
    told = replace(COVERAGE, title="Fire & <water>]]>\x07", language="pt-BR")
    (found,) = read_sitemap(render_news_sitemap([told], BASE, "The Example"))
    assert found["loc"] == f"{BASE}/coverages/apollo-11"
    assert found["news:news"] == [
        {
            "news:publication": {"news:name": "The Example", "news:language": "pt"},
            "news:publication_date": "1969-07-20T20:17:40.000Z",
            "news:title": "Fire & <water>]]>",
        }
    ]


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "en"), ("hy-AM", "hy"), ("zh", "zh-cn"), ("zh-Hant-HK", "zh-tw"), ("zh_TW", "zh-tw")],
)
def test_a_language_is_told_as_news_sitemaps_have_it(language, told):
    """By two or three letters, but for the two ways of writing Chinese."""
    news = render_news_sitemap([replace(COVERAGE, language=language)], BASE, "The Example")
    (found,) = read_sitemap(news)
    assert found["news:news"][0]["news:publication"]["news:language"] == told


def test_on_a_quiet_day_there_is_no_news():
    """The sitemap is empty, and can still be read."""
    assert read_sitemap(render_news_sitemap([], BASE, "The Example")) == []


def test_the_schemas_refuse_what_the_protocol_refuses():
    """Otherwise they would promise nothing."""
    document = render_sitemap([("a", AT)], BASE)
    wrong = [
        document.replace(b"https://news.example", b""),
        document.replace(b"1969-07-20T20", b"1969-07-20 20"),
        document.replace(b"lastmod", b"changed"),
        document.replace(b"0.9", b"0.8"),
        render_sitemap([("a", AT), ("a", AT)], BASE),
        render_news_sitemap([COVERAGE], BASE, ""),
    ]
    for each in wrong:
        with pytest.raises(xmlschema.XMLSchemaException):
            read_sitemap(each)


def test_robots_are_shown_the_way():
    """To both sitemaps, and not to the newsroom's desk."""
    lines = render_robots(BASE).decode().splitlines()
    assert lines[:2] == ["User-agent: *", "Disallow: /desk"]
    assert f"Sitemap: {BASE}/sitemap.xml" in lines
    assert f"Sitemap: {BASE}/news-sitemap.xml" in lines
