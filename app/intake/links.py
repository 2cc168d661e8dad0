"""Autolinks in running text: addresses with a scheme or `www.`, and mail addresses.

A missing space after a full stop (`dead.At`), an abbreviation or a file name makes no address.
"""

import re

from linkify_it import LinkifyIt
from linkify_it.main import Match

# Quotation marks, and Chinese and Japanese punctuation: no address contains them unescaped.
_END = re.compile("[\u201c-\u201e\xab\xbb\u2039\u203a\u3001\u3002\u300c\u300d\uff0c]")

# What schemes, hosts and mail addresses are recognised by.
_SIGN = re.compile(r":|//|@|www\.", re.IGNORECASE)


class Linkifier(LinkifyIt):  # type: ignore[misc]  # the library is untyped
    """Finds addresses in text, with the interface that the Markdown parser expects."""

    def __init__(self) -> None:
        super().__init__(options={"fuzzy_link": False})
        for scheme in ("ftp:", "//"):
            self.add(scheme, None)
        self.add("www.", {"validate": self._match_host, "normalize": self._complete})
        # A limit: without it, each `www.` in a long row of them is scanned to the end of the row.
        labels = "(?:(?:{src_domain})\\.){{1,10}}"
        host = labels + "{src_domain_root}{src_port}{src_host_terminator}{src_path}"
        self._host = re.compile(host.format_map(self.re), re.IGNORECASE)

    def pretest(self, text: str) -> bool:
        """Return whether a text has any of the signs that each address has one of."""
        return _SIGN.search(text) is not None

    def test(self, text: str) -> bool:
        """Return whether a text contains an address; most have no sign of one."""
        return self.pretest(text) and bool(super().test(text))

    def match(self, text: str) -> list[Match] | None:
        """Return the addresses in a text, without quotation marks and foreign punctuation."""
        matches: list[Match] | None = super().match(text)
        return [_trimmed(each) for each in matches] if matches else matches

    def match_at_start(self, text: str) -> Match | None:
        """Return the address at the beginning of a text."""
        match: Match | None = super().match_at_start(text)
        return _trimmed(match) if match else None

    def _match_host(self, text: str, start: int) -> int:
        """Return the length of an address behind its `www.`; 0 if there is none."""
        match = self._host.match(text, start)
        return len(match[0]) if match else 0

    def _complete(self, match: Match) -> None:
        match.url = f"http://{match.url}"


def _trimmed(match: Match) -> Match:
    """Return the match, cut where a reader sees the address end: `„https://example.net/a“`."""
    end = _END.search(match.raw)
    if end is not None:
        rest = len(match.raw) - end.start()
        match.last_index -= rest
        match.url = match.url[:-rest]
        match.raw = match.text = match.raw[: end.start()]
    return match


def find_addresses(text: str) -> list[tuple[str, int, int]]:
    """Return the addresses in a text in order, each in full with its start and end."""
    matches = _linkifier.match(text) if _linkifier.pretest(text) else None
    return [(m.url, m.index, m.last_index) for m in matches or []]


_linkifier = Linkifier()
