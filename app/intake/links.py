"""Addresses in running text: only what begins with a scheme or `www.`, and mail addresses.

A full stop without its space (`dead.At`), an abbreviation or a file's name is no address.
"""

import re

from linkify_it import LinkifyIt
from linkify_it.main import Match


class Linkifier(LinkifyIt):  # type: ignore[misc]  # the library is untyped
    """Finds addresses in text, as the Markdown parser asks for them."""

    def __init__(self) -> None:
        super().__init__(options={"fuzzy_link": False})
        for scheme in ("ftp:", "//"):
            self.add(scheme, None)
        self.add("www.", {"validate": self._match_host, "normalize": self._complete})
        host = "(?:(?:{src_domain})\\.)+{src_domain_root}{src_port}{src_host_terminator}{src_path}"
        self._host = re.compile(host.format_map(self.re), re.IGNORECASE)

    def _match_host(self, text: str, start: int) -> int:
        """How long the rest of an address behind its `www.` is; 0 if there is none."""
        match = self._host.match(text, start)
        return len(match[0]) if match else 0

    def _complete(self, match: Match) -> None:
        match.url = f"http://{match.url}"


def find_addresses(text: str) -> list[tuple[str, int, int]]:
    """The addresses in a text, in their order: the whole one, and where it stands."""
    found = _linkifier.match(text) if _linkifier.pretest(text) else None
    return [(m.url, m.index, m.last_index) for m in found or []]


_linkifier = Linkifier()
