"""Bodies: HTML that every channel may show.

What is stored is sanitised, so nothing downstream needs to be trusted to do it. Refuses nothing:
what is not on the list is dropped, its text kept. What a source holds beside HTML, and what only
looks like it, is read before (`intake/body.py`).
"""

import re
from collections.abc import Callable
from urllib.parse import urljoin

import nh3

from app.timeline.entry import Body
from app.timeline.plain_text import shows_anything

_TEXT = {"p", "br", "hr", "div", "span", "h1", "h2", "h3", "h4", "h5", "h6"}
_LISTS = {"ul", "ol", "li", "dl", "dt", "dd"}
_QUOTES = {"blockquote", "q", "cite"}
_MARKS = {"em", "strong", "b", "i", "u", "s", "del", "ins", "mark", "sub", "sup", "small"}
_TERMS = {"abbr", "code", "pre", "kbd", "time", "bdi", "bdo", "a"}
_TABLES = {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"}
_FIGURES = {"figure", "figcaption", "img"}

TAGS = frozenset(_TEXT | _LISTS | _QUOTES | _MARKS | _TERMS | _TABLES | _FIGURES)

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

SCHEMES = {"http", "https", "mailto", "tel"}
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_SKIPPED = re.compile(r"[\x00-\x20]+")  # what browsers skip in an address
_ROUNDS = 8  # two are the rule
_TAG = re.compile(r"""<(?:[^>"]|"[^"]*")*>\n?""")


def _filter(_tag: str, attribute: str, value: str) -> str | None:
    # The cleaner looks at the schemes of links and pictures only.
    if attribute == "cite":
        scheme = _SCHEME.match(_SKIPPED.sub("", value))
        return None if scheme and scheme[1].lower() not in SCHEMES else value
    return value


def _open_cleaner(
    keep: Callable[[str, str, str], str | None], relative: Callable[[str], str | None] | None = None
) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(TAGS),
        attributes=_ATTRIBUTES,
        attribute_filter=keep,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer",
        url_relative=relative,
    )


_cleaner = _open_cleaner(_filter)


def sanitise(html: str) -> str:
    """Keep headings, lists, quotes with their source, links, tables and figures; no script."""
    # Where a tag is dropped, what stood in it may nest otherwise when it is read again. A second
    # cleaning of what is stored (an import's) must change nothing.
    for _ in range(_ROUNDS):
        before, html = html, _clean(html)
        if html == before:
            break
    return html


def complete_addresses(html: str, page: str) -> str:
    """Sanitised HTML for elsewhere: its links, pictures and sources lead where they lead here.

    Args:
        html: sanitised.
        page: the address of the page that it stands on.
    """

    def complete(address: str) -> str:
        try:
            return urljoin(page, address)
        except ValueError:  # no address at all: it led nowhere here either
            return address

    def keep(_tag: str, attribute: str, value: str) -> str:
        return complete(value) if attribute == "cite" else value

    return _clean(html, _open_cleaner(keep, complete))


def _clean(html: str, cleaner: nh3.Cleaner = _cleaner) -> str:
    clean = cleaner.clean(html).strip()
    return _TAG.sub(_keep_blank_line, clean) if "<pre" in clean else clean


def _keep_blank_line(tag: re.Match[str]) -> str:
    # A parser drops the line end behind <pre>, so one that is meant stands there twice.
    is_meant = tag[0].endswith("\n") and re.match("<pre[ >]", tag[0])
    return tag[0] + "\n" if is_meant else tag[0]


def make_body(html: str, source: str | None = None) -> Body | None:
    """Sanitise HTML and make it a body.

    Args:
        html: as it was read.
        source: the Markdown that it was rendered from; None if it came otherwise.

    Returns:
        None if nothing is left to show.
    """
    clean = sanitise(html)
    return Body(clean, source) if shows_anything(clean) else None
