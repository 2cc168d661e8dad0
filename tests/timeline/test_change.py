"""Every operation that changes live coverage: its result, its events and its refusals."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given

from app.timeline import change as rules
from app.timeline.change import StaleRevision
from app.timeline.claim import Assessment, Claim, Source
from app.timeline.coverage import Coverage
from app.timeline.entry import Body, Byline, Entry, EntryFields, Note, Place
from app.timeline.errors import (
    CoverageClosed,
    CoveragePlanned,
    CoveragePublic,
    EmptyEntry,
    EntryNotPublic,
    EntryPublic,
    EntryRetracted,
)
from app.timeline.figure import Figure
from app.timeline.withdrawal import Withdrawal
from tests.formats.samples import PICTURE
from tests.newsdesk import Newsdesk
from tests.strategies import START, Action, actions, series

LATER = START + timedelta(minutes=5)
LATEST = LATER + timedelta(minutes=5)
FIGURE = Figure("injured", Source("The fire brigade"), low=3)
CLAIM = Claim("c1", "It is light.", Source("The pilot"), "reported", None, START)


@pytest.fixture
def desk() -> Newsdesk:
    """Return a newsroom with an open coverage and no entries."""
    return Newsdesk().act_all([])


@pytest.fixture
def draft(desk: Newsdesk) -> Entry:
    """Return a draft that belongs to the coverage."""
    desk.act(Action("draft", fields={"headline": "Program alarm"}))
    return desk.entries["n1"]


@given(series(actions(), 15), actions())
def test_a_refused_action_changes_nothing(before: list[Action], action: Action):
    """A refused action leaves coverage, entries and journal unchanged."""
    desk = Newsdesk().act_all(before)
    coverage, entries, journal = desk.coverage, dict(desk.entries), list(desk.journal)
    if desk.act(action) is None:
        assert (desk.coverage, desk.entries, desk.journal) == (coverage, entries, journal)


@given(series(actions(), 15), actions())
def test_without_events_nothing_public_changed(before: list[Action], action: Action):
    """A change without events leaves the public page unchanged: only drafts and plans change."""
    desk = Newsdesk().act_all(before)
    page = desk.page
    change = desk.act(action)
    if change is not None and not change.events:
        assert desk.page == page


@given(series(actions(), 15), actions())
def test_each_event_carries_the_whole_state_as_it_left_it(before: list[Action], action: Action):
    """The last event of an entry or of the coverage carries its state after the change.

    The event of the entry that the action was asked to change comes last.
    """
    desk = Newsdesk().act_all(before)
    change = desk.act(action)
    if change is None:
        return
    last_states = {
        event.entry.id: event.entry for event in change.events if event.entry is not None
    }
    for entry in change.entries:
        assert last_states.get(entry.id, entry) == entry
    if change.events and change.events[-1].entry is not None:
        assert change.events[-1].entry == change.entry
    if change.events and change.events[-1].details is not None:
        assert change.events[-1].details == change.coverage


def test_opening_a_plan_is_seq_1():
    """Opening a planned coverage creates the journal's first event, which carries the coverage."""
    plan = Newsdesk().coverage
    change = rules.open_coverage(plan, LATER)
    assert [(e.seq, e.type, e.at) for e in change.events] == [(1, "coverage.opened", LATER)]
    assert change.coverage.status == "live"
    assert change.coverage.starts_at == LATER
    assert change.events[0].details == change.coverage


def test_opening_keeps_the_start_that_was_announced():
    """Opening a coverage keeps a `starts_at` that was set before."""
    plan = replace(Newsdesk().coverage, starts_at=START - timedelta(days=4))
    assert rules.open_coverage(plan, LATER).coverage.starts_at == plan.starts_at


def test_a_coverage_is_opened_once(desk: Newsdesk):
    """Opening a public coverage is refused: a second seq 1 would start a second journal."""
    with pytest.raises(CoveragePublic):
        rules.open_coverage(desk.coverage, LATER)


def test_changes_of_a_plan_are_nobodys_business():
    """Changing a planned coverage creates no event."""
    plan = Newsdesk().coverage
    change = rules.change_coverage(plan, {"title": "Landing"}, None, LATER)
    assert (change.coverage.title, change.coverage.updated_at) == ("Landing", LATER)
    assert change.events == ()
    assert rules.change_coverage(plan, {}, "planned", LATER).coverage == plan


def test_a_plan_can_be_opened_with_its_last_change():
    """A change that also opens a planned coverage creates one event with both."""
    change = rules.change_coverage(Newsdesk().coverage, {"title": "Landing"}, "paused", LATER)
    assert [(e.type, e.seq) for e in change.events] == [("coverage.opened", 1)]
    assert (change.coverage.title, change.coverage.status) == ("Landing", "paused")


def test_a_plan_cannot_be_closed():
    """Closing a planned coverage is refused: readers have never seen it open."""
    with pytest.raises(CoveragePlanned):
        rules.change_coverage(Newsdesk().coverage, {}, "closed", LATER)


def test_what_readers_have_seen_is_no_plan_again(desk: Newsdesk):
    """A public coverage cannot become planned again: its readers' cursors would be invalid."""
    with pytest.raises(CoveragePublic):
        rules.change_coverage(desk.coverage, {}, "planned", LATER)


def test_closing_and_reopening(desk: Newsdesk):
    """Closing sets `ended_at` and reopening clears it, each with one event.

    Closing a closed coverage creates no event.
    """
    closed = rules.change_coverage(desk.coverage, {}, "closed", LATER)
    assert [e.type for e in closed.events] == ["coverage.closed"]
    assert (closed.coverage.status, closed.coverage.ended_at) == ("closed", LATER)
    again = rules.change_coverage(closed.coverage, {}, "closed", LATER)
    assert again.events == ()
    opened = rules.change_coverage(closed.coverage, {}, "live", LATER)
    assert [e.type for e in opened.events] == ["coverage.changed"]
    assert (opened.coverage.status, opened.coverage.ended_at) == ("live", None)


def test_a_change_that_changes_nothing_is_no_event(desk: Newsdesk):
    """A change or amendment that sets the same values creates no event."""
    same: Coverage = desk.coverage
    assert rules.change_coverage(same, {"title": same.title}, "live", LATER).events == ()
    entry = desk.publish("Contact light")
    assert rules.amend(desk.coverage, entry, {"headline": entry.headline}, LATER).events == ()


def test_publication_drops_what_only_the_newsroom_may_know(desk: Newsdesk, draft: Entry):
    """Publication clears the author and the embargo and resets the revision to 1."""
    draft = replace(draft, revision=7, embargo_until=LATER)
    change = rules.publish(desk.coverage, draft, LATER)
    entry = change.entry
    assert (entry.status, entry.revision, entry.seq) == ("published", 1, 2)
    assert (entry.author, entry.embargo_until) == (None, None)
    assert (entry.published_at, entry.updated_at) == (LATER, LATER)
    assert change.events[0].entry == entry


def test_nothing_is_published_before_the_coverage_is_open(draft: Entry):
    """Publishing into a planned coverage is refused: it has no journal."""
    with pytest.raises(CoveragePlanned):
        rules.publish(Newsdesk().coverage, draft, LATER)


def test_nothing_is_published_into_a_closed_coverage(desk: Newsdesk, draft: Entry):
    """Publishing into a closed coverage is refused; its entries can be corrected and retracted."""
    entry = desk.publish("Contact light")
    desk.act(Action("change", status="closed"))
    with pytest.raises(CoverageClosed):
        rules.publish(desk.coverage, draft, LATER)
    assert rules.correct(desk.coverage, entry, {}, "A note.", LATER).events
    assert rules.retract(desk.coverage, entry, "A note.", LATER).events


def test_an_entry_is_published_once(desk: Newsdesk):
    """Publishing a public entry or a tombstone is refused."""
    entry = desk.publish("Contact light")
    with pytest.raises(EntryPublic):
        rules.publish(desk.coverage, entry, LATER)
    retracted = desk.retract(entry).entry
    with pytest.raises(EntryPublic):
        rules.publish(desk.coverage, retracted, LATER)


@pytest.mark.parametrize("operation", ["publish", "save", "amend", "correct"])
def test_an_entry_always_has_something_to_show(desk: Newsdesk, draft: Entry, operation: str):
    """No operation accepts an entry without headline, body and media."""
    empty: EntryFields = {"headline": None, "body": None, "media": ()}
    entry = desk.publish("Contact light")
    operations = {
        "publish": lambda: rules.publish(desk.coverage, replace(draft, headline=None), LATER),
        "save": lambda: rules.save_draft(draft, empty, LATER),
        "amend": lambda: rules.amend(desk.coverage, entry, empty, LATER),
        "correct": lambda: rules.correct(desk.coverage, entry, empty, "A note.", LATER),
    }
    with pytest.raises(EmptyEntry):
        operations[operation]()


def test_saving_a_draft_counts_its_saves(desk: Newsdesk, draft: Entry):
    """Saving a draft increments its revision; saving a published entry as a draft is refused."""
    saved = rules.save_draft(draft, {"headline": "1202"}, LATER)
    assert (saved.revision, saved.updated_at, saved.headline) == (2, LATER, "1202")
    with pytest.raises(EntryPublic):
        rules.save_draft(desk.publish("Contact light"), {}, LATER)


def test_a_correction_says_so_and_an_amendment_does_not(desk: Newsdesk):
    """A correction sets the entry's correction note and an amendment does not.

    Both increment the revision, and later amendments keep the latest correction note.
    """
    entry = desk.publish("Contact light")
    corrected = rules.correct(desk.coverage, entry, {"headline": "Contact"}, "Not light.", LATER)
    assert corrected.events[0].type == "entry.corrected"
    assert corrected.entry.correction == Note("Not light.", LATER)
    amended = rules.amend(corrected.coverage, corrected.entry, {"tags": ("moon",)}, LATER)
    assert amended.events[0].type == "entry.amended"
    assert (amended.entry.revision, amended.entry.correction) == (3, Note("Not light.", LATER))


def test_a_correction_of_nothing_but_the_note_is_one(desk: Newsdesk):
    """A correction that changes no field still is a revision with an event."""
    entry = desk.publish("Contact light")
    change = rules.correct(desk.coverage, entry, {}, "A note.", LATER)
    assert (change.entry.revision, len(change.events)) == (2, 1)


_EDITS: list[EntryFields] = [
    {"headline": "Contact"},
    {"body": Body("<p>Contact.</p>")},
    {"media": (PICTURE,)},
    {"claims": (CLAIM,)},
    {"figures": (FIGURE,)},
    {"place": Place("Sea of Tranquility")},
    {"happened_at": START},
]
_MARKS: list[EntryFields] = [
    {"key_event": True},
    {"tags": ("moon",)},
    {"kind": "quote"},
    {"bylines": (Byline("Ani"),)},
]


@pytest.mark.parametrize("fields", _EDITS, ids=lambda fields: next(iter(fields)))
def test_an_entry_is_edited_when_its_content_changes(desk: Newsdesk, fields: EntryFields):
    """Changed words, media, claims, figures, place or time set the time of the edit."""
    entry = desk.publish("Contact light")
    assert entry.edited_at is None
    edited = rules.amend(desk.coverage, entry, fields, LATER)
    assert edited.entry.edited_at == LATER
    marked = rules.amend(edited.coverage, edited.entry, {"key_event": True}, LATEST).entry
    assert (marked.edited_at, marked.updated_at) == (LATER, LATEST)


@pytest.mark.parametrize("fields", _MARKS, ids=lambda fields: next(iter(fields)))
def test_an_entry_is_not_edited_by_a_mark(desk: Newsdesk, fields: EntryFields):
    """A key event, a tag, a kind or a byline is a revision without an edit; a pin is neither."""
    entry = desk.publish("Contact light")
    marked = rules.amend(desk.coverage, entry, fields, LATER)
    assert (marked.entry.revision, marked.entry.edited_at) == (2, None)
    assert rules.pin(marked.coverage, marked.entry, None, LATER).entry.edited_at is None


def test_a_correction_and_an_assessment_are_edits(desk: Newsdesk):
    """A correction sets the time of the edit even without a field, and so does an assessment."""
    entry = desk.publish("Contact light", figures=(FIGURE,))
    corrected = rules.correct(desk.coverage, entry, {}, "A note.", LATER)
    assert corrected.entry.edited_at == LATER
    assessment = Assessment("disputed", "A note.", LATER)
    assert rules.assess(desk.coverage, entry, 0, assessment).entry.edited_at == LATER


def test_publication_and_retraction_leave_no_edit(desk: Newsdesk, draft: Entry):
    """An entry that was saved as a draft is unedited on publication, and so is a tombstone."""
    saved = rules.save_draft(draft, {"headline": "1202"}, LATER)
    published = rules.publish(desk.coverage, saved, LATER)
    assert published.entry.edited_at is None
    edited = rules.amend(published.coverage, published.entry, {"headline": "1201"}, LATEST)
    assert rules.retract(edited.coverage, edited.entry, "A note.", LATEST).entry.edited_at is None


def test_the_pin_leaves_its_holder_by_an_event_of_its_own(desk: Newsdesk):
    """Pinning an entry while another is pinned emits `entry.unpinned` for that one first.

    Clients that replace entries from events would otherwise show two pinned entries.
    """
    first, second = desk.publish("One"), desk.publish("Two")
    desk.record(rules.pin(desk.coverage, first, None, LATER))
    pinned = desk.entries[first.id]
    change = rules.pin(desk.coverage, second, pinned, LATER)
    assert [(e.type, e.entry and e.entry.id) for e in change.events] == [
        ("entry.unpinned", first.id),
        ("entry.pinned", second.id),
    ]
    assert change.coverage.pinned == second.id
    assert change.entry.id == second.id
    assert change.entry.revision == 1


def test_pinning_twice_and_unpinning_twice_is_said_once(desk: Newsdesk):
    """Pinning a pinned entry or unpinning an unpinned one creates no event."""
    entry = desk.publish("One")
    pinned = rules.pin(desk.coverage, entry, None, LATER)
    assert rules.pin(pinned.coverage, pinned.entry, None, LATER).events == ()
    unpinned = rules.unpin(pinned.coverage, pinned.entry, LATER)
    assert unpinned.coverage.pinned is None
    assert rules.unpin(unpinned.coverage, unpinned.entry, LATER).events == ()


def test_retracting_the_pinned_entry_takes_the_pin_first(desk: Newsdesk):
    """Retracting a pinned entry emits `entry.unpinned` first; both events carry the tombstone.

    The entry also leaves the coverage's pin, key events and entry count.
    """
    entry = desk.publish("One", key_event=True)
    pinned = rules.pin(desk.coverage, entry, None, LATER)
    change = rules.retract(pinned.coverage, pinned.entry, "It was wrong.", LATER)
    assert [e.type for e in change.events] == ["entry.unpinned", "entry.retracted"]
    assert all(e.entry == change.entry for e in change.events)
    assert (change.coverage.pinned, change.coverage.key_events) == (None, ())
    assert change.coverage.entry_count == 0


def test_a_tombstone_is_final(desk: Newsdesk):
    """Every operation on a tombstone is refused."""
    entry = desk.publish("One")
    retracted = desk.retract(entry).entry
    operations = [
        lambda: rules.amend(desk.coverage, retracted, {"headline": "x"}, LATER),
        lambda: rules.correct(desk.coverage, retracted, {}, "A note.", LATER),
        lambda: rules.retract(desk.coverage, retracted, "A note.", LATER),
        lambda: rules.pin(desk.coverage, retracted, None, LATER),
        lambda: rules.unpin(desk.coverage, retracted, LATER),
    ]
    for operation in operations:
        with pytest.raises(EntryRetracted):
            operation()


def test_a_draft_cannot_be_treated_as_public(desk: Newsdesk, draft: Entry):
    """Amending, correcting, retracting, pinning and unpinning a draft are refused."""
    operations = [
        lambda: rules.amend(desk.coverage, draft, {"headline": "x"}, LATER),
        lambda: rules.correct(desk.coverage, draft, {}, "A note.", LATER),
        lambda: rules.retract(desk.coverage, draft, "A note.", LATER),
        lambda: rules.pin(desk.coverage, draft, None, LATER),
        lambda: rules.unpin(desk.coverage, draft, LATER),
    ]
    for operation in operations:
        with pytest.raises(EntryNotPublic):
            operation()


def test_a_clock_that_goes_back_does_not_take_the_journal_with_it(desk: Newsdesk):
    """An event is never dated before the one that precedes it, even if the clock goes back."""
    earlier = START - timedelta(hours=1)
    entry = Entry(
        "x", "apollo-11", "draft", updated_at=earlier, language="en", body=Body("<p>x</p>")
    )
    withdrawn = replace(desk.coverage, withdrawn=Withdrawal(START, "Ann", "By order."))
    for coverage in desk.coverage, withdrawn:
        change = rules.publish(coverage, entry, earlier)
        assert change.events[0].at == change.entry.published_at == START


def test_a_change_by_somebody_who_has_not_seen_the_latest_is_refused(desk: Newsdesk):
    """A change is refused unless the expected revisions include the current one.

    None as the expected revisions matches any revision.
    """
    entry = replace(desk.publish("One"), revision=3)
    rules.check_revision(entry, None)
    rules.check_revision(entry, {1, 3})
    for expected in (set(), {1, 2}, {4}):
        with pytest.raises(StaleRevision):
            rules.check_revision(entry, expected)


def test_an_event_needs_the_entry_as_it_was(desk: Newsdesk):
    """`with_event` needs the previous entry: without it the entry count would be wrong."""
    entry = desk.publish("One")
    with pytest.raises(ValueError, match="as it was"):
        rules.Change(desk.coverage).with_event("entry.amended", entry, LATER)
