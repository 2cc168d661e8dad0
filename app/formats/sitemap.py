"""Sitemaps and robots.txt: list all coverages, and the recent ones as news, for search engines.

Source: the Sitemaps protocol 0.9 (sitemaps.org/protocol.html), the schema of news sitemaps 0.9,
Google's "Localized versions of your pages" (xhtml:link), and RFC 9309 (robots.txt).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from app.formats.bidi import isolate
from app.formats.rfc3339 import format_time
from app.formats.urls import coverage_address
from app.formats.xml import add, begin, dump_xml, escape_xml
from app.timeline.edition import Edition, list_alternates

MEDIA_TYPE = "application/xml"

_NAME_SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
_XHTML = "http://www.w3.org/1999/xhtml"
_DESK_PATH = "/desk"


@dataclass(frozen=True, slots=True)
class NewsItem:
    """What the news sitemap has of a coverage."""

    slug: str
    title: str
    language: str
    started_at: datetime
    updated_at: datetime


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
    urls = [f"<url><loc>{escape_xml(base_url)}/</loc></url>"] if index else []
    for slug, updated_at in coverages:
        links = [(edition.language, edition) for edition in alternates.get(slug, ())]
        links += [("x-default", original) for _, original in links[:1]]
        alternate = "".join(
            f'<xhtml:link rel="alternate" hreflang="{escape_xml(language)}"'
            f' href="{escape_xml(coverage_address(base_url, edition.slug))}" />'
            for language, edition in links
        )
        urls.append(f"<url>{_location(base_url, slug, updated_at)}{alternate}</url>")
    return _dump(urls, f' xmlns:xhtml="{_XHTML}"' if any(alternates.values()) else "")


def render_sitemap_index(parts: Iterable[tuple[int, datetime]], base_url: str) -> bytes:
    """Render an index of sitemaps, for more coverages than one sitemap may contain.

    Args:
        parts: the number of each sitemap, from 0, and the time of the last event in it.
        base_url: the base URL of the pages, without a trailing slash.
    """
    root = begin("sitemapindex", {"xmlns": _NAME_SPACE})
    for part, updated_at in parts:
        sitemap = add(root, "sitemap")
        add(sitemap, "loc", f"{base_url}/sitemaps/{part + 1}.xml")
        add(sitemap, "lastmod", format_time(updated_at))
    return dump_xml(root)


def render_news_sitemap(coverages: Iterable[NewsItem], base_url: str, publisher: str) -> bytes:
    """Render the news sitemap.

    Args:
        coverages: public coverages, 1,000 at most.
        base_url: the base URL of the pages, without a trailing slash.
        publisher: the newsroom's name.
    """
    name = escape_xml(publisher)
    urls = []
    for coverage in coverages:
        # Only Chinese keeps more than its primary subtag: its script, named by a region.
        primary, *others = coverage.language.lower().replace("_", "-").split("-")
        chinese = "zh-tw" if {"hant", "tw", "hk", "mo"} & set(others) else "zh-cn"
        language = escape_xml(chinese if primary == "zh" else primary)
        urls.append(
            f"<url>{_location(base_url, coverage.slug, coverage.updated_at)}<news:news>"
            f"<news:publication><news:name>{name}</news:name>"
            f"<news:language>{language}</news:language></news:publication>"
            f"<news:publication_date>{format_time(coverage.started_at)}</news:publication_date>"
            f"<news:title>{escape_xml(isolate(coverage.title))}</news:title></news:news></url>"
        )
    return _dump(urls, f' xmlns:news="{_NEWS}"')


def _location(base_url: str, slug: str, updated_at: datetime) -> str:
    address = escape_xml(coverage_address(base_url, slug))
    return f"<loc>{address}</loc><lastmod>{format_time(updated_at)}</lastmod>"


def _dump(urls: Iterable[str], names: str) -> bytes:
    root = f'<urlset xmlns="{_NAME_SPACE}"{names}>'
    return f"<?xml version='1.0' encoding='utf-8'?>\n{root}{''.join(urls)}</urlset>".encode()


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
