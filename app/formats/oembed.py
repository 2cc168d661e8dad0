"""oEmbed: describes to another site how to embed a coverage, given its address.

The response describes only the coverage, and no entry: a site that stores it stores no words that
may be retracted.

Source: oEmbed 1.0 (oembed.com), section 2.
"""

import html
import re
from urllib.parse import quote, unquote, urlsplit

from app.formats.bidi import isolate
from app.formats.pictures import fitting_size
from app.formats.public_json import Json, dump_json
from app.formats.urls import complete_media, coverage_address
from app.formats.xml import add, begin, dump_xml
from app.timeline.coverage import Coverage
from app.timeline.entry import ENTRY_ID

MEDIA_TYPES = {"json": "application/json", "xml": "text/xml"}

_WIDTH, _HEIGHT = 600, 800  # pixels: the preferred size of an embedded coverage
_CACHE_AGE = 3600  # seconds
_PAGE = re.compile(rf"/coverages/([a-z0-9-]{{1,100}})(?:/entries/({ENTRY_ID.pattern}))?/?")


def parse_page_url(url: str, base_url: str) -> tuple[str, str | None] | None:
    """Find the coverage and the entry whose page an address of this server is.

    Returns:
        The slug, and the entry's id or None; None for any other address.
    """
    try:
        page, base = urlsplit(url), urlsplit(base_url)
    except ValueError:
        return None
    if (page.scheme, page.netloc.lower()) != (base.scheme, base.netloc.lower()):
        return None
    if not page.path.startswith(base.path):
        return None
    match = _PAGE.fullmatch(unquote(page.path.removeprefix(base.path)))
    return (match[1], match[2]) if match else None


def oembed_address(coverage: Coverage, base_url: str) -> str:
    """The address of the response for a coverage's page."""
    page = quote(coverage_address(base_url, coverage.slug), safe="")
    return f"{base_url}/oembed?url={page}"


def script_code(coverage: Coverage, base_url: str) -> str:
    """The line of HTML that embeds a coverage where it stands in a page."""
    source = html.escape(f"{base_url}/embed.js")
    return f'<script async src="{source}" data-coverage="{coverage.slug}"></script>'


def frame_code(
    coverage: Coverage, base_url: str, width: int = _WIDTH, height: int = _HEIGHT
) -> str:
    """The line of HTML that embeds a coverage in a frame, for sites that run no foreign scripts."""
    source = html.escape(f"{base_url}/coverages/{coverage.slug}/embed")
    title = html.escape(isolate(coverage.title))
    return (
        f'<iframe src="{source}" title="{title}" width="{width}" height="{height}"'
        ' style="border: 0; max-width: 100%" loading="lazy"></iframe>'
    )


def describe_embed(
    coverage: Coverage,
    base_url: str,
    publisher: str,
    width: int | None = None,
    height: int | None = None,
) -> Json:
    """Describe a coverage's embed for another site.

    Args:
        coverage: a public coverage.
        base_url: the base URL of the pages, without a trailing slash.
        publisher: the newsroom's name.
        width: the available width in pixels; None for no limit.
        height: the available height in pixels; None for no limit.
    """
    fitting = min(_WIDTH, width or _WIDTH), min(_HEIGHT, height or _HEIGHT)
    embed: Json = {
        "version": "1.0",
        "type": "rich",
        "title": isolate(coverage.title),
        "provider_name": publisher,
        "provider_url": f"{base_url}/",
        "cache_age": _CACHE_AGE,
        "html": frame_code(coverage, base_url, *fitting),
        "width": fitting[0],
        "height": fitting[1],
    }
    if coverage.bylines:
        embed["author_name"] = ", ".join(isolate(b.name) for b in coverage.bylines)
    lead = coverage.lead_image
    if lead is not None and lead.kind == "image" and not lead.graphic:
        size = fitting_size(complete_media(lead, base_url), width, height)
        if size is not None:
            embed["thumbnail_url"] = size.url
            embed["thumbnail_width"] = size.width
            embed["thumbnail_height"] = size.height
    return embed


def render_oembed(embed: Json, kind: str) -> bytes:
    """Render the response.

    Args:
        embed: the result of `describe_embed`.
        kind: one of `MEDIA_TYPES`.
    """
    if kind == "json":
        return dump_json(embed)
    root = begin("oembed")
    for name, value in embed.items():
        add(root, name, str(value))
    return dump_xml(root)
