"""Live coverage as JSON-LD, for search engines: a NewsArticle that is a LiveBlogPosting.

Source: schema.org, LiveBlogPosting and CorrectionComment; HTML, section 4.12.1 (scripts' contents).
Tombstones are left out: what was retracted is not offered for indexing.
"""

from collections.abc import Iterable
from urllib.parse import urljoin

from markupsafe import Markup

from app.framing.history import Json, dump_json, format_time
from app.timeline.coverage import Coverage
from app.timeline.entry import Byline, Entry, Media, plain_text

# What could end the script element, open a comment in it, or end a line of JavaScript.
_ESCAPES = str.maketrans({c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"})


def live_blog_posting(coverage: Coverage, entries: Iterable[Entry], base_url: str) -> Json:
    """The coverage with these of its entries.

    Args:
        coverage: a public one.
        entries: public ones, in the order of the page.
        base_url: where the pages are served, without a slash at its end.
    """
    url = f"{base_url}/coverages/{coverage.slug}"
    started = coverage.starts_at or coverage.created_at
    posting: Json = {
        "@context": "https://schema.org",
        "@type": ["NewsArticle", "LiveBlogPosting"],
        "@id": url,
        "url": url,
        "mainEntityOfPage": url,
        "headline": coverage.title,
        "articleSection": coverage.kicker,
        "description": coverage.standfirst,
        "inLanguage": coverage.language,
        "datePublished": format_time(started),
        "dateModified": format_time(coverage.updated_at),
        "coverageStartTime": format_time(started),
        "coverageEndTime": format_time(coverage.ended_at) if coverage.ended_at else None,
        "author": _authors(coverage.bylines),
        "image": _images([coverage.lead_image] if coverage.lead_image else [], base_url),
        "liveBlogUpdate": [_update(e, url, base_url) for e in entries if e.retraction is None],
    }
    return _told(posting)


def render_structured_data(data: Json, nonce: str) -> Markup:
    """A JSON-LD `<script>` with that nonce; nothing in its strings can end it."""
    text = dump_json(data).decode().translate(_ESCAPES)
    return Markup(f'<script type="application/ld+json" nonce="{nonce}">{text}</script>')  # noqa: S704  escaped


def _update(entry: Entry, page: str, base_url: str) -> Json:
    assert entry.published_at is not None
    url = f"{page}/entries/{entry.id}#entry-{entry.id}"
    correction = entry.correction and {
        "@type": "CorrectionComment",
        "text": entry.correction.note,
        "datePublished": format_time(entry.correction.at),
    }
    return _told(
        {
            "@type": "BlogPosting",
            "@id": url,
            "url": url,
            "headline": entry.title,
            "inLanguage": entry.language,
            "datePublished": format_time(entry.published_at),
            "dateModified": format_time(entry.updated_at),
            "articleBody": plain_text(entry.body.html) if entry.body else "",
            "author": _authors(entry.bylines),
            "keywords": list(entry.tags),
            "contentLocation": entry.place and {"@type": "Place", "name": entry.place.name},
            "image": _images(entry.media, base_url),
            "correction": correction,
        }
    )


def _authors(bylines: Iterable[Byline]) -> list[Json]:
    return [{"@type": "Person", "name": byline.name} for byline in bylines]


def _images(media: Iterable[Media], base_url: str) -> list[Json]:
    return [
        _told(
            {
                "@type": "ImageObject",
                "url": urljoin(f"{base_url}/", picture.url),
                "caption": picture.caption or picture.alt,
                "creditText": picture.credit,
                "width": picture.width,
                "height": picture.height,
            }
        )
        for picture in media
        if picture.kind == "image"
    ]


def _told(record: Json) -> Json:
    """What there is to tell: without what is missing or empty."""
    return {name: value for name, value in record.items() if value not in (None, "", [])}
