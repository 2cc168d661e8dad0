"""Embargoes: when an entry is scheduled, when it is due, and how its embargo is changed."""

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
    """A new entry is scheduled only if its embargo is in the future; a draft stays a draft."""
    chosen = status_before_publication(draft=draft, embargo_until=embargo_until, now=START)
    assert chosen == status


def test_an_embargo_lifts_at_its_moment_and_not_before():
    """A scheduled entry is due from the exact time of its embargo on."""
    assert is_due(SCHEDULED, START)
    assert is_due(SCHEDULED, START + SECOND)
    assert not is_due(SCHEDULED, START - timedelta(milliseconds=1))


@pytest.mark.parametrize("status", ["draft", "published", "retracted"])
def test_only_a_scheduled_entry_goes_out_by_itself(status):
    """An entry that is not scheduled is never due, even if its embargo has passed."""
    assert not is_due(replace(SCHEDULED, status=status), START + SECOND)


def test_an_embargo_can_be_moved_and_taken_away():
    """Removing the embargo makes the entry a draft; an embargo in the past makes it due at once."""
    draft = reschedule(SCHEDULED, None)
    assert (draft.status, draft.embargo_until) == ("draft", None)
    again = reschedule(draft, START - SECOND)
    assert again.status == "scheduled"
    assert is_due(again, START)
