"""Addresses in running text."""

from hypothesis import given
from hypothesis import strategies as st
from linkify_it import LinkifyIt

from app.intake.links import Linkifier

PIECES = [
    "www.",
    "WWW.",
    "http",
    "://",
    "//",
    "ftp:",
    "mailto:",
    "@",
    "a.example",
    ".",
    " ",
    "\u201c",
]

linkifier = Linkifier()


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=8).map("".join))
def test_the_short_search_misses_no_address(text: str) -> None:
    """A text contains an address for the short search too, if it does for the library."""
    assert linkifier.test(text) == LinkifyIt.test(linkifier, text)
    assert linkifier.pretest(text) or not LinkifyIt.match(linkifier, text)
