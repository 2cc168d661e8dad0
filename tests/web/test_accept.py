"""Promises of what is read from Accept headers."""

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
    """The first offer where it has no preference, or likes none."""
    assert prefer(header, OFFERS) == chosen


@pytest.mark.parametrize(
    ("header", "takes"),
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
def test_gzip_is_sent_to_those_who_decode_it(header: str, takes: bool):
    """A client that says nothing of it gets plain bytes."""
    assert takes_gzip(header) is takes


@given(_HEADERS)
def test_a_header_of_any_shape_is_read(header: str):
    """What makes no sense is no preference, and never a fault."""
    assert prefer(header, OFFERS) in OFFERS
    assert takes_gzip(header) in {True, False}


@given(
    st.lists(st.text("abc-", min_size=1, max_size=20), min_size=1).map(", ".join), st.integers(0)
)
def test_a_long_header_is_read_as_far_as_a_browsers(header: str, extra: int):
    """What is behind its thousandth character changes nothing: nor may a name be cut in two.

    Security, resource exhaustion: a header of 30 KB would take milliseconds of everybody's.
    """
    header += ", x" * 400
    longer = header + ", gzip, y" * (extra % 1000)
    assert rank(longer) == rank(header)
    assert set(rank(header)) <= {part.strip() for part in header.split(",")}
    assert not takes_gzip(longer)
