"""Plain text for fields without markup: titles, captions, credits, names.

Text that only looks like markup (`x<y`, `R&D`) is kept as typed: only real tags are removed, and
replaced by the text that `plain_text` makes of them.
"""

import re

from app.timeline.plain_text import has_markup, plain_text
from app.timeline.truncation import truncate
from app.timeline.visible_text import is_visible

HEADLINE_LIMIT = 300  # characters
NAME_LIMIT = 200  # of a coverage's title, a byline, a place
TAG_LIMIT = 100
ADDRESS_LIMIT = 2000  # of a related page

_GAP = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")


def one_line(text: str) -> str:
    """Return the text without control characters and line ends, white space collapsed."""
    return _GAP.sub(" ", text).strip()


def plain_words(text: str) -> str:
    """Return the words of text that may contain markup, on one line; blank if none is visible."""
    line = one_line(plain_text(text) if has_markup(text) else text)
    return line if is_visible(line) else ""


def printed_name(text: str, limit: int = NAME_LIMIT) -> str:
    """Return as many words as fit into a name; blank if none is visible."""
    return truncate(plain_words(text), limit)
