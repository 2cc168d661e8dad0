"""JSON Feed: renders a coverage as a JSON Feed.

Source: JSON Feed 1.1, jsonfeed.org/version/1.1.
"""

from app.formats.bidi import isolate
from app.formats.feed import Feed, Item
from app.formats.pictures import media_type
from app.formats.public_json import Json, dump_json, without_empty
from app.formats.rfc3339 import format_time

MEDIA_TYPE = "application/feed+json"
NAME = "feed.json"


def render_json_feed(feed: Feed) -> bytes:
    """Render the feed's document.

    It never sets `expired`: entries of a closed coverage may still be corrected or retracted.
    """
    coverage = feed.coverage
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page,
        "feed_url": feed.address(NAME),
        "description": isolate(coverage.standfirst or ""),
        "authors": _authors(feed.authors),
        "language": coverage.language,
    }
    return dump_json(without_empty(document) | {"items": [_item(item) for item in feed.items()]})


def _item(item: Item) -> Json:
    attachments = []
    for media in item.media:
        if kind := media_type(media):  # the format requires it
            title = isolate(media.caption or media.alt)
            attachment = {"url": media.url, "mime_type": kind, "title": title}
            attachments.append(without_empty(attachment))
    record = {
        "id": item.id,
        "url": item.url,
        "title": item.title,
        "content_html": item.content,
        "summary": item.summary,
        "image": next((m.url for m in item.media if m.kind == "image"), None),
        "date_published": format_time(item.published_at),
        "date_modified": format_time(item.updated_at),
        "authors": _authors(item.authors),
        "tags": item.tags,
        "language": item.language,
        "attachments": attachments,
    }
    return without_empty(record)


def _authors(names: list[str]) -> list[Json]:
    return [{"name": name} for name in names]
