"""Plain wording for the places that hold no markup: titles, captions, credits, names.

A text that only looks like markup (`x<y`, `R&D`) stays as typed: just real tags are taken out.
"""

import html
import re
import unicodedata

HEADLINE_LIMIT = 300  # characters
NAME_LIMIT = 200  # of a coverage's title, a byline, a place
TAG_LIMIT = 100
ADDRESS_LIMIT = 2000  # of a related page

_BREAKING = (
    "address|article|blockquote|br|dd|div|dl|dt|figcaption|figure|h[1-6]|hr|li|ol|p|pre|section"
    "|table|td|th|tr|ul"
)
_MARKING = (
    "a|abbr|b|bdi|big|cite|code|del|em|font|i|img|ins|mark|q|s|small|span|strike|strong|sub|sup"
    "|time|u|wbr"
)
_REST = r"""(?:\s(?:[^<>"']|"[^"]*"|'[^']*')*)?/?>"""
_BREAKING_TAG = re.compile(rf"</?(?:{_BREAKING}){_REST}", re.IGNORECASE)
_MARKING_TAG = re.compile(rf"</?(?:{_MARKING}){_REST}", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_GAP = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")


def one_line(text: str) -> str:
    """The text without control characters and line ends, its gaps one space wide."""
    return _GAP.sub(" ", text).strip()


def has_markup(text: str) -> bool:
    """Whether a text holds tags or character references."""
    return any(form.search(text) for form in (_BREAKING_TAG, _MARKING_TAG, _REFERENCE))


def plain_words(text: str) -> str:
    """The words of a text that may hold markup, on one line."""
    bare = _MARKING_TAG.sub("", _BREAKING_TAG.sub(" ", text))
    return one_line(_REFERENCE.sub(lambda found: html.unescape(found[0]), bare))


def shorten(text: str, limit: int = HEADLINE_LIMIT) -> str:
    """The text, or as many of its words as fit into `limit` characters, with an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    return (head.rsplit(" ", 1)[0] if " " in head else head) + "…"


def printed_name(text: str, limit: int = NAME_LIMIT) -> str:
    """The words of a text as far as they fit into a name; blank if none can be seen."""
    line = plain_words(text)
    is_seen = any(unicodedata.category(c) not in {"Cf", "Zs"} for c in line)
    return shorten(line, limit) if is_seen else ""
