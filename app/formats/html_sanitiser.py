"""Markup: sanitises the HTML of bodies.

Bodies are sanitised before they are stored, so no later code has to do it. Nothing is refused: tags
that are not allowed are dropped, and their text is kept. `intake/body.py` first handles input that
is not HTML, or only resembles it.
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
    "th": {"align", "colspan", "rowspan", "scope"},
    "td": {"align", "colspan", "rowspan"},
    "img": {"src", "alt", "width", "height"},
}

SCHEMES = {"http", "https", "mailto", "tel"}
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.ASCII | re.IGNORECASE)
_SKIPPED = re.compile(r"[\x00-\x20]+")  # characters that browsers skip in an address
_SIDES = {"left", "center", "right"}
_ROUNDS = 8  # usually two suffice
_TAG = re.compile(r"""<(?:[^>"]|"[^"]*")*>\n?""")


def _filter(_tag: str, attribute: str, value: str) -> str | None:
    # The cleaner checks the schemes of links and pictures only.
    if attribute == "cite":
        scheme = _SCHEME.match(_SKIPPED.sub("", value))
        return None if scheme and scheme[1].lower() not in SCHEMES else value
    if attribute == "align":
        return value.lower() if value.lower() in _SIDES else None
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
    # After a tag was dropped, its content may nest differently when parsed again. Cleaning stored
    # HTML again (in an import) must not change it.
    for _ in range(_ROUNDS):
        before, html = html, _clean(html)
        if html == before:
            break
    return html


def complete_addresses(html: str, page: str) -> str:
    """Make the addresses in sanitised HTML absolute: those of links, pictures and sources.

    Args:
        html: sanitised HTML.
        page: the address of the page to which they are relative.
    """

    def complete(address: str) -> str:
        try:
            return urljoin(page, address)
        except ValueError:  # not an address: it did not work on the page either
            return address

    def keep(_tag: str, attribute: str, value: str) -> str:
        return complete(value) if attribute == "cite" else value

    return _clean(html, _open_cleaner(keep, complete))


def _clean(html: str, cleaner: nh3.Cleaner = _cleaner) -> str:
    clean = cleaner.clean(html).strip()
    return _TAG.sub(_keep_blank_line, clean) if "<pre" in clean else clean


def _keep_blank_line(tag: re.Match[str]) -> str:
    # A parser drops the line break after <pre>, so an intended one is doubled.
    is_intended = tag[0].endswith("\n") and re.match("<pre[ >]", tag[0])
    return tag[0] + "\n" if is_intended else tag[0]


def make_body(html: str, source: str | None = None) -> Body | None:
    """Sanitise HTML and make it a body.

    Args:
        html: the HTML before sanitising.
        source: the Markdown that it was rendered from; None if there is none.

    Returns:
        The body; None if it has no visible content.
    """
    clean = sanitise(html)
    return Body(clean, source) if shows_anything(clean) else None
