"""Bodies: Markdown or HTML on the way in, HTML that every channel may show on the way out.

What is stored is sanitised, so nothing downstream needs to be trusted to do it. Refuses nothing:
what is not on the list is dropped, its text kept.
"""

import nh3
from markdown_it import MarkdownIt

from app.timeline.entry import Body, plain_text

_TEXT = {"p", "br", "hr", "div", "span", "h1", "h2", "h3", "h4", "h5", "h6"}
_LISTS = {"ul", "ol", "li", "dl", "dt", "dd"}
_QUOTES = {"blockquote", "q", "cite"}
_MARKS = {"em", "strong", "b", "i", "u", "s", "del", "ins", "mark", "sub", "sup", "small"}
_TERMS = {"abbr", "code", "pre", "kbd", "time", "bdi", "bdo", "a"}
_TABLES = {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"}
_FIGURES = {"figure", "figcaption", "img"}

_ATTRIBUTES = {
    "*": {"lang", "dir", "title"},
    "a": {"href", "hreflang"},
    "blockquote": {"cite"},
    "q": {"cite"},
    "del": {"cite", "datetime"},
    "ins": {"cite", "datetime"},
    "time": {"datetime"},
    "ol": {"start", "reversed", "type"},
    "th": {"colspan", "rowspan", "scope"},
    "td": {"colspan", "rowspan"},
    "img": {"src", "alt", "width", "height"},
}

_cleaner = nh3.Cleaner(
    tags=_TEXT | _LISTS | _QUOTES | _MARKS | _TERMS | _TABLES | _FIGURES,
    attributes=_ATTRIBUTES,
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel="noopener noreferrer",
)
_markdown = MarkdownIt("commonmark", {"html": True, "linkify": True}).enable(
    ["table", "strikethrough", "linkify"]
)


def sanitise(html: str) -> str:
    """Keep headings, lists, quotes with their source, links, tables and figures; no script."""
    return _cleaner.clean(html).strip()


def body_from_markdown(source: str) -> Body | None:
    """Render Markdown (CommonMark, tables, strikethrough, bare links).

    Returns:
        The body with its source kept, or None if nothing is left to show.
    """
    return _body(_markdown.render(source), source)


def body_from_html(html: str) -> Body | None:
    """Take HTML as it came.

    Returns:
        The body, or None if nothing is left to show.
    """
    return _body(html, None)


def _body(html: str, source: str | None) -> Body | None:
    clean = sanitise(html)
    return Body(clean, source) if plain_text(clean) or "<img" in clean else None
