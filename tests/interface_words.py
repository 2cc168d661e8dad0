"""The interface's words on pages: what is shown, and what of it is English."""

import re
from collections.abc import Iterator
from functools import cache

from babel.messages.pofile import read_po

from app.formats.languages import Domain
from tests.formats.parsed import Element

_LABELS = ("aria-label", "title", "alt", "placeholder", "content")


def fragments_of(root: Element) -> frozenset[str]:
    """The texts of each element, with and without those of its descendants, and its labels."""
    return frozenset(
        fragment for element in (root, *root.all()) for fragment in _fragments(element)
    )


def _fragments(element: Element) -> Iterator[str]:
    yield element.text
    yield from (c.strip() for c in element.children if isinstance(c, str) and c.strip())
    for name, value in element.attributes.items():
        if value and (name in _LABELS or name.startswith("data-")):
            yield value


@cache
def english(domain: Domain, language: str) -> dict[str, re.Pattern[str]]:
    """A pattern for each English message that the language translates differently."""
    with domain.path(language).open("rb") as file:
        catalogue = read_po(file)
    patterns = {}
    for message in catalogue:
        sources = message.id if message.pluralizable else (message.id,)
        for source in sources if message.id else ():
            has_words = re.search(r"\w", re.sub(r"%\(\w+\)s", "", source))
            if message.string != source and has_words:
                shown = re.sub(r"%\\\(\w+\\\)s", ".+", re.escape(source))
                patterns[source] = re.compile(shown)
    return patterns
