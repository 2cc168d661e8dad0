"""Sitemaps; each is validated against the schemas of the protocol."""

from dataclasses import replace
from datetime import timedelta

import pytest
import xmlschema

from app.formats.sitemap import (
    NewsItem,
    render_news_sitemap,
    render_robots,
    render_sitemap,
    render_sitemap_index,
)
from app.timeline.edition import Edition
from tests.formats.samples import AT
from tests.formats.sitemaps import read_sitemap

BASE = "https://news.example"
ITEM = NewsItem("apollo-11", "Apollo 11", "en", AT, AT)


def test_a_sitemap_tells_addresses_and_when_they_changed():
    """A sitemap lists URLs and their last changes in the order given, the index page first."""
    items = read_sitemap(render_sitemap([("a", AT), ("b", AT)], BASE, index=True))
    assert items == [
        {"loc": f"{BASE}/"},
        {"loc": f"{BASE}/coverages/a", "lastmod": "1969-07-20T20:17:40.000Z"},
        {"loc": f"{BASE}/coverages/b", "lastmod": "1969-07-20T20:17:40.000Z"},
    ]
    assert len(read_sitemap(render_sitemap([("a", AT)], BASE))) == 1


def test_editions_are_told_as_alternates():
    """Each edition lists all of them, itself and the original as `x-default` among them."""
    editions = (Edition("a", "en", "A"), Edition("b", "pt-BR", "B"))
    document = render_sitemap(
        [("a", AT), ("b", AT), ("c", AT)], BASE, editions={"a": editions, "b": editions}
    )
    *translated, alone = read_sitemap(document)
    for item in translated:
        assert [(link["@hreflang"], link["@href"]) for link in item["xhtml:link"]] == [
            ("en", f"{BASE}/coverages/a"),
            ("pt-BR", f"{BASE}/coverages/b"),
            ("x-default", f"{BASE}/coverages/a"),
        ]
    assert "xhtml:link" not in alone


def test_an_index_numbers_its_sitemaps():
    """A sitemap index numbers its sitemaps from 1, each with the time of its last change."""
    items = read_sitemap(render_sitemap_index([(0, AT), (2, AT + timedelta(minutes=5))], BASE))
    assert items == [
        {"loc": f"{BASE}/sitemaps/1.xml", "lastmod": "1969-07-20T20:17:40.000Z"},
        {"loc": f"{BASE}/sitemaps/3.xml", "lastmod": "1969-07-20T20:22:40.000Z"},
    ]


def test_news_are_told_with_who_publishes_them():
    """A news item has publisher, language, publication date and title."""
    news = replace(ITEM, title="Fire & <water>]]>\x07", language="pt-BR")
    (item,) = read_sitemap(render_news_sitemap([news], BASE, "The Example"))
    assert item["loc"] == f"{BASE}/coverages/apollo-11"
    assert item["news:news"] == [
        {
            "news:publication": {"news:name": "The Example", "news:language": "pt"},
            "news:publication_date": "1969-07-20T20:17:40.000Z",
            "news:title": "Fire & <water>]]>",
        }
    ]


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "en"), ("hy-AM", "hy"), ("zh", "zh-cn"), ("zh-Hant-HK", "zh-tw"), ("zh_TW", "zh-tw")],
)
def test_a_language_is_told_as_news_sitemaps_have_it(language, expected):
    """A language is its two- or three-letter code, except `zh-cn` and `zh-tw` for Chinese."""
    news = render_news_sitemap([replace(ITEM, language=language)], BASE, "The Example")
    (item,) = read_sitemap(news)
    assert item["news:news"][0]["news:publication"]["news:language"] == expected


def test_on_a_quiet_day_there_is_no_news():
    """A news sitemap without items is valid."""
    assert read_sitemap(render_news_sitemap([], BASE, "The Example")) == []


def test_the_schemas_refuse_what_the_protocol_refuses():
    """The schemas refuse invalid sitemaps, so that the other tests are meaningful."""
    document = render_sitemap([("a", AT)], BASE)
    invalid = [
        document.replace(b"https://news.example", b""),
        document.replace(b"1969-07-20T20", b"1969-07-20 20"),
        document.replace(b"lastmod", b"changed"),
        document.replace(b"0.9", b"0.8"),
        render_sitemap([("a", AT), ("a", AT)], BASE),
        render_news_sitemap([ITEM], BASE, ""),
    ]
    for sitemap in invalid:
        with pytest.raises(xmlschema.XMLSchemaException):
            read_sitemap(sitemap)


def test_robots_are_shown_the_way():
    """robots.txt disallows the desk and names both sitemaps."""
    lines = render_robots(BASE).decode().splitlines()
    assert lines[:2] == ["User-agent: *", "Disallow: /desk"]
    assert f"Sitemap: {BASE}/sitemap.xml" in lines
    assert f"Sitemap: {BASE}/news-sitemap.xml" in lines
