"""Resuming a stream at a cursor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.hub.replay import Start, resume_at
from app.timeline.cursor import Cursor

HEAD = Cursor("4f0a9c1e", 100)


def test_without_a_cursor_a_stream_starts_now():
    """A stream without a cursor starts at the head."""
    assert resume_at(None, HEAD, 50) == Start(HEAD)


@given(st.integers(0, 100), st.integers(0, 200))
def test_a_client_resumes_or_is_reset_and_nothing_between(seq: int, limit: int):
    """A client gets every event after its cursor, or a reset to the head if those are too many."""
    start = resume_at(f"4f0a9c1e-{seq}", HEAD, limit)
    expected = Start(HEAD.at(seq)) if 100 - seq <= limit else Start(HEAD, "too-far-behind")
    assert start == expected


def test_zero_is_the_beginning():
    """The cursor 0 is the journal's start, unless that is too far behind."""
    assert resume_at("0", HEAD, 100) == Start(HEAD.at(0))
    assert resume_at("0", HEAD, 99) == Start(HEAD, "too-far-behind")


@pytest.mark.parametrize("text", ["", "x", "4f0a9c1e-101", "0000-5", "-1", "4f0a9c1e-٣", "\x00"])
def test_what_is_no_cursor_of_this_journal_is_a_reset(text: str):
    """A cursor of another journal is a reset, not an error, after which a browser gives up."""
    assert resume_at(text, HEAD, 50) == Start(HEAD, "unknown-cursor")


@given(st.text())
def test_garbage_never_fails(text: str):
    """No string raises an error; the start is in this epoch and not after the head."""
    start = resume_at(text, HEAD, 50)
    assert start.reset in {None, "unknown-cursor", "too-far-behind"}
    assert start.cursor.epoch == HEAD.epoch
    assert start.cursor.seq <= HEAD.seq
