"""Atom: renders a coverage as an Atom feed.

Source: RFC 4287.
"""

from xml.etree.ElementTree import Element

from app import __version__
from app.formats.bidi import isolate
from app.formats.feed import Feed, Item
from app.formats.pictures import media_type
from app.formats.rfc3339 import format_time
from app.formats.xml import add, begin, dump_xml

MEDIA_TYPE = "application/atom+xml"
NAME = "feed.atom"

_NAME_SPACE = "http://www.w3.org/2005/Atom"


def render_atom(feed: Feed) -> bytes:
    """Render the feed's document."""
    coverage, address = feed.coverage, feed.address(NAME)
    root = begin("feed", {"xmlns": _NAME_SPACE, "xml:lang": coverage.language})
    add(root, "id", feed.id)
    add(root, "title", feed.title)
    if coverage.standfirst:
        add(root, "subtitle", isolate(coverage.standfirst))
    add(root, "updated", format_time(coverage.updated_at))
    add(root, "link", None, {"rel": "self", "type": MEDIA_TYPE, "href": address})
    add(root, "link", None, {"rel": "alternate", "type": "text/html", "href": feed.page})
    _add_authors(root, feed.authors)
    if coverage.kicker:
        add(root, "category", None, {"term": isolate(coverage.kicker)})
    add(root, "generator", "Dateline", {"version": __version__})
    for item in feed.items():
        _add_entry(root, item)
    return dump_xml(root)


def _add_entry(root: Element, item: Item) -> None:
    entry = add(root, "entry", None, {"xml:lang": item.language})
    add(entry, "id", item.id)
    add(entry, "title", item.title)
    add(entry, "updated", format_time(item.updated_at))
    add(entry, "published", format_time(item.published_at))
    add(entry, "link", None, {"rel": "alternate", "type": "text/html", "href": item.url})
    if item.original is not None:
        href, language = item.original
        source = {"rel": "via", "type": "text/html", "hreflang": language, "href": href}
        add(entry, "link", None, source)
    for media in item.media:
        is_page = media.kind == "embed"  # a page of another site, not a file
        link = {
            "rel": "related" if is_page else "enclosure",
            "type": "text/html" if is_page else media_type(media),
            "href": media.url,
            "title": isolate(media.caption or media.alt),
        }
        add(entry, "link", None, {name: value for name, value in link.items() if value})
    _add_authors(entry, item.authors)
    for tag in item.tags:
        add(entry, "category", None, {"term": tag})
    if item.summary:
        add(entry, "summary", item.summary)
    add(entry, "content", item.content, {"type": "html"})


def _add_authors(parent: Element, names: list[str]) -> None:
    for name in names:
        add(add(parent, "author"), "name", name)
