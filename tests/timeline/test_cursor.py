"""Law 4: cursors round-trip, and any other text is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.timeline.cursor import Cursor, parse_cursor
from app.timeline.errors import UnknownCursor
from tests.strategies import cursors

HEAD = Cursor("4f0a9c1e", 1234)


@given(cursors(), st.integers(0, 10**15))
def test_a_cursor_reads_back_as_it_was_written(cursor: Cursor, further: int):
    """A cursor that was issued parses back as long as the journal only grows."""
    head = cursor.at(min(cursor.seq + further, 10**15 - 1))
    assert parse_cursor(str(cursor), head) == cursor


@given(st.text() | st.text("0123456789abcdef-+ _.٣\n", max_size=14))
def test_garbage_is_refused_and_never_guessed_at(text: str):
    """The parser accepts only a cursor's canonical form within the journal, or `0`."""
    try:
        cursor = parse_cursor(text, HEAD)
    except UnknownCursor:
        return
    assert cursor.epoch == HEAD.epoch
    assert 0 <= cursor.seq <= HEAD.seq
    assert text in {"0", str(cursor)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "00",
        "1234",
        "4f0a9c1e",
        "4f0a9c1e-",
        "-12",
        "4f0a9c1e-012",
        "4f0a9c1e--1",
        "4f0a9c1e-+1",
        "4f0a9c1e-1e3",
        "4f0a9c1e-1 ",
        " 4f0a9c1e-1",
        "4f0a9c1e-1\n",
        "4f0a9c1e-\u0661",
        "4F0A9C1E-1",
        "4f0a9c1e-1-1",
        "4f0a9c1e-" + "9" * 400,
        "a" * 10_000,
    ],
)
def test_a_cursor_has_one_spelling(text: str):
    """A cursor with a leading zero, a sign, a space or a non-ASCII digit is refused."""
    with pytest.raises(UnknownCursor):
        parse_cursor(text, HEAD)


def test_a_cursor_of_another_life_of_the_journal_is_refused():
    """A cursor of another epoch is refused: after a restore the same seq may be another event."""
    with pytest.raises(UnknownCursor, match="another epoch"):
        parse_cursor("4f0a9c1f-7", HEAD)


def test_a_cursor_past_the_head_is_refused():
    """A cursor past the head is refused: the client has seen events that this journal lacks."""
    assert parse_cursor("4f0a9c1e-1234", HEAD) == HEAD
    with pytest.raises(UnknownCursor, match="past the end"):
        parse_cursor("4f0a9c1e-1235", HEAD)


def test_zero_is_the_beginning():
    """`0` is the beginning of the journal in any epoch."""
    assert parse_cursor("0", HEAD) == Cursor("4f0a9c1e", 0)
