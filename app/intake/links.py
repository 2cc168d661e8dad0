"""Addresses in running text: only what begins with a scheme or `www.`, and mail addresses.

A full stop without its space (`dead.At`), an abbreviation or a file's name is no address.
"""

from linkify_it import LinkifyIt
from linkify_it.main import Match


class Linkifier(LinkifyIt):  # type: ignore[misc]  # the library is untyped
    """Finds addresses in text, as the Markdown parser asks for them."""

    def __init__(self) -> None:
        super().__init__()
        for scheme in ("ftp:", "//"):
            self.add(scheme, None)

    def match(self, text: str) -> list[Match] | None:
        """The addresses in a text, in their order; None if there are none."""
        found = super().match(text) or []
        return [m for m in found if m.schema or m.raw.lower().startswith("www.")] or None


def find_addresses(text: str) -> list[tuple[str, int, int]]:
    """The addresses in a text, in their order: the whole one, and where it stands."""
    found = _linkifier.match(text) if _linkifier.pretest(text) else None
    return [(m.url, m.index, m.last_index) for m in found or []]


_linkifier = Linkifier()
