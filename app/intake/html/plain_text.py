"""Plain wording for the places that hold no markup: titles, captions, credits, names.

A text that only looks like markup (`x<y`, `R&D`) stays as typed: just real tags are taken out, and
leave what `plain_text` makes of them.
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
    """The text without control characters and line ends, its gaps one space wide."""
    return _GAP.sub(" ", text).strip()


def plain_words(text: str) -> str:
    """The words of a text that may hold markup, on one line; blank if none can be seen."""
    line = one_line(plain_text(text) if has_markup(text) else text)
    return line if is_visible(line) else ""


def printed_name(text: str, limit: int = NAME_LIMIT) -> str:
    """The words of a text as far as they fit into a name; blank if none can be seen."""
    return truncate(plain_words(text), limit)
