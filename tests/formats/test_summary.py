"""Summaries of entries."""

from dataclasses import replace

import pytest

from app.formats.summary import summarise
from app.timeline.entry import Body, Note, tombstone
from tests.formats.samples import AT, ENTRY


@pytest.mark.parametrize(
    ("entry", "summary"),
    [
        (ENTRY, "Two men are on the Moon"),
        (replace(ENTRY, body=None), "The last step"),
        (replace(ENTRY, body=None, media=()), ""),
        (tombstone(ENTRY, Note("Not so.", AT)), "Not so."),
    ],
)
def test_a_summary_is_plain(entry, summary):
    """The summary is the text, else the picture's caption, else empty; a tombstone has its note."""
    assert summarise(entry) == summary


def test_a_long_text_is_cut_at_the_end_of_a_word():
    """A long text is truncated at a word to 280 characters and ends with an ellipsis."""
    long = summarise(replace(ENTRY, body=Body(f"<p>{'word ' * 100}</p>")))
    assert len(long) <= 280
    assert long.endswith("word…")
