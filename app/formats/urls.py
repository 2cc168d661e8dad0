"""Addresses that hold elsewhere too: in a feed reader, on another site, with a search engine."""

from dataclasses import replace
from urllib.parse import urljoin

from app.formats.markup import complete_addresses
from app.timeline.entry import Body, Entry, Media


def coverage_address(base_url: str, slug: str) -> str:
    """Where a coverage's page is."""
    return f"{base_url}/coverages/{slug}"


def complete_address(url: str, base_url: str) -> str:
    """The address with its host; as it is where it cannot be completed."""
    try:
        return urljoin(f"{base_url}/", url)
    except ValueError:
        return url


def complete_media(media: Media, base_url: str) -> Media:
    """The picture or video with whole addresses."""
    renditions = tuple(
        replace(rendition, url=complete_address(rendition.url, base_url))
        for rendition in media.renditions
    )
    return replace(media, url=complete_address(media.url, base_url), renditions=renditions)


def complete_entry(entry: Entry, base_url: str) -> Entry:
    """The entry with whole addresses in its body and of its pictures."""
    body, page = entry.body, coverage_address(base_url, entry.coverage)
    return replace(
        entry,
        body=body and Body(complete_addresses(body.html, page)),
        media=tuple(complete_media(media, base_url) for media in entry.media),
    )
