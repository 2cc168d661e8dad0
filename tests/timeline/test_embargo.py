"""Promises of entries that may not go out yet."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.timeline.embargo import is_due, reschedule, status_before_publication
from app.timeline.entry import Entry
from tests.strategies import START

SECOND = timedelta(seconds=1)
SCHEDULED = Entry("e", "apollo-11", "scheduled", START, "en", headline="x", embargo_until=START)


@pytest.mark.parametrize(
    ("draft", "embargo_until", "status"),
    [
        (False, None, "published"),
        (False, START + SECOND, "scheduled"),
        (False, START, "published"),
        (False, START - SECOND, "published"),
        (True, None, "draft"),
        (True, START + SECOND, "draft"),
        (True, START - SECOND, "draft"),
    ],
)
def test_a_new_entry_waits_only_for_what_is_still_to_come(draft, embargo_until, status):
    """A draft waits for its author; an embargo that has passed is none."""
    found = status_before_publication(draft=draft, embargo_until=embargo_until, now=START)
    assert found == status


def test_an_embargo_lifts_at_its_moment_and_not_before():
    """To the millisecond."""
    assert is_due(SCHEDULED, START)
    assert is_due(SCHEDULED, START + SECOND)
    assert not is_due(SCHEDULED, START - timedelta(milliseconds=1))


@pytest.mark.parametrize("status", ["draft", "published", "retracted"])
def test_only_a_scheduled_entry_goes_out_by_itself(status):
    """A draft with an old embargo stays one, and what is out is out."""
    assert not is_due(replace(SCHEDULED, status=status), START + SECOND)


def test_an_embargo_can_be_moved_and_taken_away():
    """Without a time it is a draft; with one that has passed it is due at once."""
    draft = reschedule(SCHEDULED, None)
    assert (draft.status, draft.embargo_until) == ("draft", None)
    again = reschedule(draft, START - SECOND)
    assert again.status == "scheduled"
    assert is_due(again, START)
