"""Absolute URLs, for use outside of the site: in feed readers, other sites and search engines."""

from dataclasses import replace
from urllib.parse import urljoin

from app.formats.html_sanitiser import complete_addresses
from app.timeline.entry import Body, Entry, Media


def coverage_address(base_url: str, slug: str) -> str:
    """The address of a coverage's page."""
    return f"{base_url}/coverages/{slug}"


def complete_address(url: str, base_url: str) -> str:
    """Make an address absolute; it stays unchanged if it cannot be parsed."""
    try:
        return urljoin(f"{base_url}/", url)
    except ValueError:
        return url


def complete_media(media: Media, base_url: str) -> Media:
    """Return a picture or video with absolute addresses."""
    renditions = tuple(
        replace(rendition, url=complete_address(rendition.url, base_url))
        for rendition in media.renditions
    )
    return replace(media, url=complete_address(media.url, base_url), renditions=renditions)


def complete_entry(entry: Entry, base_url: str) -> Entry:
    """Return an entry with absolute addresses in its body and its media."""
    body, page = entry.body, coverage_address(base_url, entry.coverage)
    return replace(
        entry,
        body=body and Body(complete_addresses(body.html, page)),
        media=tuple(complete_media(media, base_url) for media in entry.media),
    )
