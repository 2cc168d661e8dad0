"""Sitemaps and robots.txt: list all coverages, and the recent ones as news, for search engines.

Source: the Sitemaps protocol 0.9 (sitemaps.org/protocol.html), the schema of news sitemaps 0.9,
Google's "Localized versions of your pages" (xhtml:link), and RFC 9309 (robots.txt).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from app.formats.bidi import isolate
from app.formats.rfc3339 import format_time
from app.formats.urls import coverage_address
from app.formats.xml import add, begin, dump_xml
from app.timeline.coverage import Coverage
from app.timeline.edition import Edition, list_alternates

MEDIA_TYPE = "application/xml"

_NAME_SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
_XHTML = "http://www.w3.org/1999/xhtml"
_DESK_PATH = "/desk"


def render_sitemap(
    coverages: Iterable[tuple[str, datetime]],
    base_url: str,
    *,
    index: bool = False,
    editions: Mapping[str, tuple[Edition, ...]] = MappingProxyType({}),
) -> bytes:
    """Render a sitemap of coverages.

    Args:
        coverages: each coverage's slug and the time of its last event, 49,999 at most.
        base_url: the base URL of the pages, without a trailing slash.
        index: whether to include the page that lists the coverages.
        editions: the public editions of a coverage's story, by slug; none without another edition.
    """
    alternates = {slug: list_alternates(editions[slug], slug) for slug in editions}
    names = {"xmlns:xhtml": _XHTML} if any(alternates.values()) else {}
    root = begin("urlset", {"xmlns": _NAME_SPACE, **names})
    if index:
        add(add(root, "url"), "loc", f"{base_url}/")
    for slug, updated_at in coverages:
        url = add(root, "url")
        add(url, "loc", coverage_address(base_url, slug))
        add(url, "lastmod", format_time(updated_at))
        links = [(edition.language, edition) for edition in alternates.get(slug, ())]
        links += [("x-default", original) for _, original in links[:1]]
        for hreflang, edition in links:
            address = coverage_address(base_url, edition.slug)
            link = {"rel": "alternate", "hreflang": hreflang, "href": address}
            add(url, "xhtml:link", None, link)
    return dump_xml(root)


def render_sitemap_index(parts: Iterable[datetime], base_url: str) -> bytes:
    """Render an index of sitemaps, for more coverages than one sitemap may contain.

    Args:
        parts: the time of the last event in each sitemap, in order.
        base_url: the base URL of the pages, without a trailing slash.
    """
    root = begin("sitemapindex", {"xmlns": _NAME_SPACE})
    for number, updated_at in enumerate(parts, 1):
        sitemap = add(root, "sitemap")
        add(sitemap, "loc", f"{base_url}/sitemaps/{number}.xml")
        add(sitemap, "lastmod", format_time(updated_at))
    return dump_xml(root)


def render_news_sitemap(coverages: Iterable[Coverage], base_url: str, publisher: str) -> bytes:
    """Render the news sitemap.

    Args:
        coverages: public coverages, 1,000 at most.
        base_url: the base URL of the pages, without a trailing slash.
        publisher: the newsroom's name.
    """
    root = begin("urlset", {"xmlns": _NAME_SPACE, "xmlns:news": _NEWS})
    for coverage in coverages:
        url = add(root, "url")
        add(url, "loc", coverage_address(base_url, coverage.slug))
        add(url, "lastmod", format_time(coverage.updated_at))
        news = add(url, "news:news")
        publication = add(news, "news:publication")
        add(publication, "news:name", publisher)
        # Only Chinese keeps more than its primary subtag: its script, named by a region.
        primary, *others = coverage.language.lower().replace("_", "-").split("-")
        chinese = "zh-tw" if {"hant", "tw", "hk", "mo"} & set(others) else "zh-cn"
        add(publication, "news:language", chinese if primary == "zh" else primary)
        started = coverage.starts_at or coverage.created_at
        add(news, "news:publication_date", format_time(started))
        add(news, "news:title", isolate(coverage.title))
    return dump_xml(root)


def render_robots(base_url: str) -> bytes:
    """Render robots.txt: what crawlers may read, and the addresses of the sitemaps."""
    lines = [
        "User-agent: *",
        f"Disallow: {_DESK_PATH}",
        "",
        f"Sitemap: {base_url}/sitemap.xml",
        f"Sitemap: {base_url}/news-sitemap.xml",
        "",
    ]
    return "\n".join(lines).encode()
