"""The register of corrections as an Atom feed.

An event of an entry that was retracted later keeps its id and becomes the retraction, so that feed
readers replace the words that they stored.

Source: RFC 4287.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app import __version__
from app.formats.bidi import isolate
from app.formats.identity import coverage_urn
from app.formats.rfc3339 import format_time
from app.formats.urls import coverage_address
from app.formats.xml import add, begin, dump_xml
from app.timeline.net_change import Correction

MEDIA_TYPE = "application/atom+xml"

_NAME_SPACE = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, slots=True)
class CorrectionsFeed:
    """The feed of one coverage's corrections, or of all.

    Args:
        corrections: the items, newest first.
        id: the feed's id, an IRI.
        title: the feed's title, isolated.
        language: the language of the title (BCP 47).
        publisher: the newsroom's name.
        updated_at: the time of the last change.
        page: the address of the register's page; the feed's own has `.atom` at its end.
        base_url: the address of the pages, without a slash at its end.
        describe: returns the title of an item, isolated, and its content as HTML.
    """

    corrections: Sequence[Correction]
    id: str
    title: str
    language: str
    publisher: str
    updated_at: datetime
    page: str
    base_url: str
    describe: Callable[[Correction], tuple[str, str]]


def render_corrections(feed: CorrectionsFeed) -> bytes:
    """Render the feed's document."""
    root = begin("feed", {"xmlns": _NAME_SPACE, "xml:lang": feed.language})
    add(root, "id", feed.id)
    add(root, "title", feed.title)
    add(root, "updated", format_time(feed.updated_at))
    add(root, "link", None, {"rel": "self", "type": MEDIA_TYPE, "href": f"{feed.page}.atom"})
    add(root, "link", None, {"rel": "alternate", "type": "text/html", "href": feed.page})
    add(add(root, "author"), "name", isolate(feed.publisher))
    add(root, "generator", "Dateline", {"version": __version__})
    for correction in feed.corrections:
        entry, change, coverage = correction.entry, correction.change, correction.coverage
        title, content = feed.describe(correction)
        item = add(root, "entry", None, {"xml:lang": entry.language})
        add(item, "id", coverage_urn(coverage, f"correction/{change.seq}"))
        add(item, "title", title)
        add(item, "updated", format_time(correction.updated_at))
        add(item, "published", format_time(change.at))
        url = f"{coverage_address(feed.base_url, coverage.slug)}/entries/{entry.id}"
        add(item, "link", None, {"rel": "alternate", "type": "text/html", "href": url})
        add(item, "content", content, {"type": "html"})
    return dump_xml(root)
