"""Addresses in running text: only what begins with a scheme or `www.`, and mail addresses.

A full stop without its space (`dead.At`), an abbreviation or a file's name is no address.
"""

import re

from linkify_it import LinkifyIt
from linkify_it.main import Match

# Quotation marks, and the stops of Chinese and Japanese: no address holds them unescaped.
_END = re.compile("[\u201c-\u201e\xab\xbb\u2039\u203a\u3001\u3002\u300c\u300d\uff0c]")


class Linkifier(LinkifyIt):  # type: ignore[misc]  # the library is untyped
    """Finds addresses in text, as the Markdown parser asks for them."""

    def __init__(self) -> None:
        super().__init__(options={"fuzzy_link": False})
        for scheme in ("ftp:", "//"):
            self.add(scheme, None)
        self.add("www.", {"validate": self._match_host, "normalize": self._complete})
        # A bound: else each `www.` of a long row of them is read to the end of the row.
        labels = "(?:(?:{src_domain})\\.){{1,10}}"
        host = labels + "{src_domain_root}{src_port}{src_host_terminator}{src_path}"
        self._host = re.compile(host.format_map(self.re), re.IGNORECASE)

    def match(self, text: str) -> list[Match] | None:
        """The addresses in a text, without quotation marks and stops of other scripts."""
        matches: list[Match] | None = super().match(text)
        return [_ended(each) for each in matches] if matches else matches

    def match_at_start(self, text: str) -> Match | None:
        """The address that a text begins with."""
        match: Match | None = super().match_at_start(text)
        return _ended(match) if match else None

    def _match_host(self, text: str, start: int) -> int:
        """How long the rest of an address behind its `www.` is; 0 if there is none."""
        match = self._host.match(text, start)
        return len(match[0]) if match else 0

    def _complete(self, match: Match) -> None:
        match.url = f"http://{match.url}"


def _ended(match: Match) -> Match:
    """The match up to where the address ends for its readers: `„https://example.net/a“`."""
    end = _END.search(match.raw)
    if end is not None:
        rest = len(match.raw) - end.start()
        match.last_index -= rest
        match.url = match.url[:-rest]
        match.raw = match.text = match.raw[: end.start()]
    return match


def find_addresses(text: str) -> list[tuple[str, int, int]]:
    """The addresses in a text, in their order: the whole one, and where it stands."""
    found = _linkifier.match(text) if _linkifier.pretest(text) else None
    return [(m.url, m.index, m.last_index) for m in found or []]


_linkifier = Linkifier()
