"""Drafts from submission to publication: submit, withdraw, return, delay, unschedule, restore."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.timeline.change import publish
from app.timeline.coverage import Coverage
from app.timeline.cursor import Cursor
from app.timeline.draft import (
    check_not_submitted,
    delay_publication,
    restore,
    return_draft,
    submit,
    unschedule,
    withdraw,
)
from app.timeline.entry import Entry, Note
from app.timeline.errors import (
    CoverageClosed,
    EmptyEntry,
    EntryNotSubmitted,
    EntryPublic,
    EntryRetracted,
    EntryScheduled,
    EntrySubmitted,
)
from tests.strategies import START

SECOND = timedelta(seconds=1)
DRAFT = Entry("e", "apollo-11", "draft", START, "en", headline="x", revision=4, author="person:1")
SUBMITTED = replace(DRAFT, submitted_at=START)
SCHEDULED = replace(DRAFT, status="scheduled", embargo_until=START + SECOND)
COVERAGE = Coverage(
    slug="apollo-11",
    title="Apollo 11",
    status="live",
    language="en",
    created_at=START,
    updated_at=START,
    cursor=Cursor("e1", 1),
)


def test_a_draft_is_handed_in_once():
    """Submitting again keeps the submission time; submitting never changes the revision."""
    submitted = submit(DRAFT, START)
    assert (submitted.submitted_at, submitted.revision) == (START, 4)
    assert submit(submitted, START + SECOND) == submitted


def test_a_submitted_draft_is_out_of_its_authors_hands_until_it_is_taken_back():
    """A submitted draft cannot be edited until it is withdrawn, nor can a scheduled entry."""
    with pytest.raises(EntrySubmitted):
        check_not_submitted(SUBMITTED)
    with pytest.raises(EntryScheduled):
        check_not_submitted(SCHEDULED)
    check_not_submitted(withdraw(SUBMITTED))


def test_a_returned_draft_tells_why_until_it_is_handed_in_again():
    """A returned draft keeps the editor's note, name and time until it is submitted again."""
    returned = return_draft(SUBMITTED, "Who said so?", "Ed", START + SECOND)
    assert returned.submitted_at is None
    assert returned.returned is not None
    reason = returned.returned
    assert (reason.note, reason.by, reason.at) == ("Who said so?", "Ed", START + SECOND)
    assert submit(returned, START).returned is None


def test_only_what_was_handed_in_is_returned():
    """Returning a draft that was not submitted is refused."""
    with pytest.raises(EntryNotSubmitted):
        return_draft(DRAFT, "No", "Ed", START)


@pytest.mark.parametrize(
    "step", [lambda e: submit(e, START), withdraw, lambda e: return_draft(e, "No", "Ed", START)]
)
def test_a_scheduled_entry_is_beyond_the_flow(step):
    """Submitting, withdrawing or returning a scheduled entry is refused."""
    with pytest.raises(EntryScheduled):
        step(SCHEDULED)


def test_publication_ends_the_flow():
    """Publication clears `submitted_at` and `returned`."""
    returned = return_draft(SUBMITTED, "Once more", "Ed", START)
    for entry in SUBMITTED, returned:
        published = publish(COVERAGE, entry, START).entry
        assert (published.submitted_at, published.returned) == (None, None)


def test_what_is_held_and_taken_back_is_the_draft_that_it_was():
    """Unscheduling a delayed publication restores the draft, including its submission."""
    delayed = delay_publication(COVERAGE, SUBMITTED, START + SECOND)
    assert (delayed.status, delayed.embargo_until) == ("scheduled", START + SECOND)
    assert unschedule(delayed) == SUBMITTED
    assert unschedule(DRAFT) == DRAFT


def test_holding_never_puts_off_what_goes_out_earlier():
    """Delaying a scheduled entry never moves its publication to a later time."""
    delayed = delay_publication(COVERAGE, DRAFT, START + SECOND)
    assert delay_publication(COVERAGE, delayed, START + 2 * SECOND) == delayed
    late = replace(SCHEDULED, embargo_until=START + 60 * SECOND)
    assert delay_publication(COVERAGE, late, START + SECOND).embargo_until == START + SECOND


def test_what_cannot_be_published_is_not_held_either():
    """Delaying the publication of an entry that cannot be published is refused at once."""
    with pytest.raises(CoverageClosed):
        delay_publication(replace(COVERAGE, status="closed"), DRAFT, START)
    with pytest.raises(EmptyEntry):
        delay_publication(COVERAGE, replace(DRAFT, headline=None), START)
    with pytest.raises(EntryPublic):
        delay_publication(COVERAGE, replace(DRAFT, status="published"), START)


@pytest.mark.parametrize(
    ("status", "refusal"), [("published", EntryPublic), ("retracted", EntryRetracted)]
)
def test_what_is_out_cannot_be_unscheduled(status, refusal):
    """Unscheduling a published or retracted entry is refused."""
    with pytest.raises(refusal):
        unschedule(replace(DRAFT, status=status))


def test_restored_words_are_a_new_draft():
    """Restoring an entry creates a draft with a new id and the same content.

    Revision, author, correction and pin of the old entry are not copied.
    """
    public = publish(COVERAGE, DRAFT, START).entry
    corrected = replace(public, correction=Note("It was otherwise.", START), pinned=True)
    draft = restore(corrected, "new", START + SECOND)
    assert draft == replace(DRAFT, id="new", revision=1, author=None, updated_at=START + SECOND)
