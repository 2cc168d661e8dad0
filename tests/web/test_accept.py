"""Parsing of Accept and Accept-Encoding headers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.accept import prefer, rank, takes_gzip

OFFERS = ("application/json", "text/event-stream")
_HEADERS = st.text("abgzip*/;=q.,0159 -\t", max_size=40) | st.text()


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("text/event-stream", "text/event-stream"),
        ("text/*", "text/event-stream"),
        ("TEXT/Event-Stream", "text/event-stream"),
        ("text/event-stream, application/json", "application/json"),
        ("text/event-stream, */*", "application/json"),
        ("text/event-stream, */*;q=0.1", "text/event-stream"),
        ("application/json;q=0.5, text/event-stream", "text/event-stream"),
        ("application/json; q=0.5 , text/event-stream ; q=0.4", "application/json"),
        ("application/json;q=0, */*", "text/event-stream"),
        ("text/event-stream;charset=utf-8", "text/event-stream"),
        ("text/html", "application/json"),
        ("text/event-stream;q=x", "application/json"),
    ],
)
def test_the_type_that_the_client_likes_best_is_chosen(header: str, chosen: str):
    """The preferred offer is chosen, or the first if there is no preference."""
    assert prefer(header, OFFERS) == chosen


@pytest.mark.parametrize(
    ("header", "accepts"),
    [
        ("", False),
        ("gzip", True),
        ("gzip, deflate, br, zstd", True),
        ("GZIP", True),
        ("br", False),
        ("*", True),
        ("*;q=0", False),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("gzip;q=0.001", True),
        ("identity", False),
        ("gzip;q=x", False),
    ],
)
def test_gzip_is_sent_to_those_who_decode_it(header: str, accepts: bool):
    """Gzip is used only if the client accepts it."""
    assert takes_gzip(header) is accepts


@given(_HEADERS)
def test_a_header_of_any_shape_is_read(header: str):
    """A malformed header is no preference, and never an error."""
    assert prefer(header, OFFERS) in OFFERS
    assert takes_gzip(header) in {True, False}


@given(
    st.lists(st.text("abc-", min_size=1, max_size=20), min_size=1).map(", ".join), st.integers(0)
)
def test_a_long_header_is_read_as_far_as_a_browsers(header: str, extra: int):
    """Only the first thousand characters of a header are parsed, without cutting a name in two.

    Resource exhaustion: parsing a header of 30 KB would block the event loop for milliseconds.
    """
    header += ", x" * 400
    longer = header + ", gzip, y" * (extra % 1000)
    assert rank(longer) == rank(header)
    assert set(rank(header)) <= {part.strip() for part in header.split(",")}
    assert not takes_gzip(longer)
