"""Promises of every way in which live coverage changes."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given

from app.timeline import change as rules
from app.timeline.coverage import Coverage
from app.timeline.entry import Body, Entry, Note
from app.timeline.errors import (
    CoverageClosed,
    CoveragePlanned,
    CoveragePublic,
    EmptyEntry,
    EntryNotPublic,
    EntryPublic,
    EntryRetracted,
    StaleRevision,
    TimelineError,
)
from tests.newsdesk import Newsdesk
from tests.strategies import START, Action, actions, series

LATER = START + timedelta(minutes=5)


@pytest.fixture
def desk() -> Newsdesk:
    """An open coverage without entries."""
    return Newsdesk().act_all([])


@pytest.fixture
def draft(desk: Newsdesk) -> Entry:
    """A draft of the coverage."""
    desk.act(Action("draft", fields={"headline": "Program alarm"}))
    return desk.entries["n1"]


@given(series(actions(), 15), actions())
def test_a_refused_action_changes_nothing(before: list[Action], deed: Action):
    """Coverage, entries and journal are as they were."""
    desk = Newsdesk().act_all(before)
    coverage, entries, journal = desk.coverage, dict(desk.entries), list(desk.journal)
    if desk.act(deed) is None:
        assert (desk.coverage, desk.entries, desk.journal) == (coverage, entries, journal)


@given(series(actions(), 15), actions())
def test_without_events_nothing_public_changed(before: list[Action], deed: Action):
    """Only drafts and plans change silently."""
    desk = Newsdesk().act_all(before)
    page = desk.page
    change = desk.act(deed)
    if change is not None and not change.events:
        assert desk.page == page


@given(series(actions(), 15), actions())
def test_each_event_carries_the_whole_state_as_it_left_it(before: list[Action], deed: Action):
    """The last event of each thing is that thing, and the asked-about entry stands last."""
    desk = Newsdesk().act_all(before)
    change = desk.act(deed)
    if change is None:
        return
    left = {event.entry.id: event.entry for event in change.events if event.entry is not None}
    for entry in change.entries:
        assert left.get(entry.id, entry) == entry
    if change.events and change.events[-1].entry is not None:
        assert change.events[-1].entry == change.entry
    if change.events and change.events[-1].details is not None:
        assert change.events[-1].details == change.coverage


def test_opening_a_plan_is_seq_1():
    """Nothing was public before it, and nothing has gone out."""
    plan = Newsdesk().coverage
    change = rules.open_coverage(plan, LATER)
    assert [(e.seq, e.type, e.at) for e in change.events] == [(1, "coverage.opened", LATER)]
    assert change.coverage.status == "live"
    assert change.coverage.starts_at == LATER
    assert change.events[0].details == change.coverage


def test_opening_keeps_the_start_that_was_announced():
    """A page opened early still says when the story begins."""
    plan = replace(Newsdesk().coverage, starts_at=START - timedelta(days=4))
    assert rules.open_coverage(plan, LATER).coverage.starts_at == plan.starts_at


def test_a_coverage_is_opened_once(desk: Newsdesk):
    """A second seq 1 would be a second life."""
    with pytest.raises(CoveragePublic):
        rules.open_coverage(desk.coverage, LATER)


def test_changes_of_a_plan_are_nobodys_business():
    """They leave no event."""
    plan = Newsdesk().coverage
    change = rules.change_coverage(plan, {"title": "Landing"}, None, LATER)
    assert (change.coverage.title, change.coverage.updated_at) == ("Landing", LATER)
    assert change.events == ()
    assert rules.change_coverage(plan, {}, "planned", LATER).coverage == plan


def test_a_plan_can_be_opened_with_its_last_change():
    """One event says both."""
    change = rules.change_coverage(Newsdesk().coverage, {"title": "Landing"}, "paused", LATER)
    assert [(e.type, e.seq) for e in change.events] == [("coverage.opened", 1)]
    assert (change.coverage.title, change.coverage.status) == ("Landing", "paused")


def test_a_plan_cannot_be_closed():
    """Readers have never seen it open."""
    with pytest.raises(CoveragePlanned):
        rules.change_coverage(Newsdesk().coverage, {}, "closed", LATER)


def test_what_readers_have_seen_is_no_plan_again(desk: Newsdesk):
    """Their cursors would point into nothing."""
    with pytest.raises(CoveragePublic):
        rules.change_coverage(desk.coverage, {}, "planned", LATER)


def test_closing_and_reopening(desk: Newsdesk):
    """The end is set by closing and taken back by reopening, each with its event."""
    closed = rules.change_coverage(desk.coverage, {}, "closed", LATER)
    assert [e.type for e in closed.events] == ["coverage.closed"]
    assert (closed.coverage.status, closed.coverage.ended_at) == ("closed", LATER)
    again = rules.change_coverage(closed.coverage, {}, "closed", LATER)
    assert again.events == ()
    opened = rules.change_coverage(closed.coverage, {}, "live", LATER)
    assert [e.type for e in opened.events] == ["coverage.changed"]
    assert (opened.coverage.status, opened.coverage.ended_at) == ("live", None)


def test_a_change_that_changes_nothing_is_no_event(desk: Newsdesk):
    """Readers are not woken for it."""
    same: Coverage = desk.coverage
    assert rules.change_coverage(same, {"title": same.title}, "live", LATER).events == ()
    entry = desk.publish("Contact light")
    assert rules.amend(desk.coverage, entry, {"headline": entry.headline}, LATER).events == ()


def test_publication_drops_what_only_the_newsroom_may_know(desk: Newsdesk, draft: Entry):
    """The author's key and the embargo are in no event; revisions are counted from 1 again."""
    draft = replace(draft, revision=7, embargo_until=LATER)
    change = rules.publish(desk.coverage, draft, LATER)
    entry = change.entry
    assert (entry.status, entry.revision, entry.seq) == ("published", 1, 2)
    assert (entry.author, entry.embargo_until) == (None, None)
    assert (entry.published_at, entry.updated_at) == (LATER, LATER)
    assert change.events[0].entry == entry


def test_nothing_is_published_before_the_coverage_is_open(draft: Entry):
    """A plan has no journal."""
    with pytest.raises(CoveragePlanned):
        rules.publish(Newsdesk().coverage, draft, LATER)


def test_nothing_is_published_into_a_closed_coverage(desk: Newsdesk, draft: Entry):
    """It has to be reopened first; what is there can still be corrected and retracted."""
    entry = desk.publish("Contact light")
    desk.act(Action("change", status="closed"))
    with pytest.raises(CoverageClosed):
        rules.publish(desk.coverage, draft, LATER)
    assert rules.correct(desk.coverage, entry, {}, "A note.", LATER).events
    assert rules.retract(desk.coverage, entry, "A note.", LATER).events


def test_an_entry_is_published_once(desk: Newsdesk):
    """Neither a public entry nor a tombstone goes out as new."""
    entry = desk.publish("Contact light")
    with pytest.raises(EntryPublic):
        rules.publish(desk.coverage, entry, LATER)
    stone = desk.retract(entry).entry
    with pytest.raises(EntryPublic):
        rules.publish(desk.coverage, stone, LATER)


@pytest.mark.parametrize("deed", ["publish", "save", "amend", "correct"])
def test_an_entry_always_has_something_to_show(desk: Newsdesk, draft: Entry, deed: str):
    """No way leads to an empty one."""
    nothing: rules.EntryFields = {"headline": None, "body": None, "media": ()}
    entry = desk.publish("Contact light")
    ways = {
        "publish": lambda: rules.publish(desk.coverage, replace(draft, headline=None), LATER),
        "save": lambda: rules.save_draft(draft, nothing, LATER),
        "amend": lambda: rules.amend(desk.coverage, entry, nothing, LATER),
        "correct": lambda: rules.correct(desk.coverage, entry, nothing, "A note.", LATER),
    }
    with pytest.raises(EmptyEntry):
        ways[deed]()


def test_saving_a_draft_counts_its_saves(desk: Newsdesk, draft: Entry):
    """Two people at one draft see each other's saves by the revision."""
    saved = rules.save_draft(draft, {"headline": "1202"}, LATER)
    assert (saved.revision, saved.updated_at, saved.headline) == (2, LATER, "1202")
    with pytest.raises(EntryPublic):
        rules.save_draft(desk.publish("Contact light"), {}, LATER)


def test_a_correction_says_so_and_an_amendment_does_not(desk: Newsdesk):
    """Both are revisions; the latest correction stays through later amendments."""
    entry = desk.publish("Contact light")
    corrected = rules.correct(desk.coverage, entry, {"headline": "Contact"}, "Not light.", LATER)
    assert corrected.events[0].type == "entry.corrected"
    assert corrected.entry.correction == Note("Not light.", LATER)
    amended = rules.amend(corrected.coverage, corrected.entry, {"tags": ("moon",)}, LATER)
    assert amended.events[0].type == "entry.amended"
    assert (amended.entry.revision, amended.entry.correction) == (3, Note("Not light.", LATER))


def test_a_correction_of_nothing_but_the_note_is_one(desk: Newsdesk):
    """The newsroom may say what it got wrong without a new word in the entry."""
    entry = desk.publish("Contact light")
    change = rules.correct(desk.coverage, entry, {}, "A note.", LATER)
    assert (change.entry.revision, len(change.events)) == (2, 1)


def test_the_pin_leaves_its_holder_by_an_event_of_its_own(desk: Newsdesk):
    """Who replaces by events would show two pins otherwise."""
    first, second = desk.publish("One"), desk.publish("Two")
    desk.record(rules.pin(desk.coverage, first, None, LATER))
    holder = desk.entries[first.id]
    change = rules.pin(desk.coverage, second, holder, LATER)
    assert [(e.type, e.entry and e.entry.id) for e in change.events] == [
        ("entry.unpinned", first.id),
        ("entry.pinned", second.id),
    ]
    assert change.coverage.pinned == second.id
    assert change.entry.id == second.id
    assert change.entry.revision == 1


def test_pinning_twice_and_unpinning_twice_is_said_once(desk: Newsdesk):
    """The second time nothing has changed."""
    entry = desk.publish("One")
    pinned = rules.pin(desk.coverage, entry, None, LATER)
    assert rules.pin(pinned.coverage, pinned.entry, None, LATER).events == ()
    unpinned = rules.unpin(pinned.coverage, pinned.entry, LATER)
    assert unpinned.coverage.pinned is None
    assert rules.unpin(unpinned.coverage, unpinned.entry, LATER).events == ()


def test_retracting_the_pinned_entry_takes_the_pin_first(desk: Newsdesk):
    """The event that takes it carries the tombstone already."""
    entry = desk.publish("One", key_event=True)
    pinned = rules.pin(desk.coverage, entry, None, LATER)
    change = rules.retract(pinned.coverage, pinned.entry, "It was wrong.", LATER)
    assert [e.type for e in change.events] == ["entry.unpinned", "entry.retracted"]
    assert all(e.entry == change.entry for e in change.events)
    assert (change.coverage.pinned, change.coverage.key_events) == (None, ())
    assert change.coverage.entry_count == 0


def test_a_tombstone_is_final(desk: Newsdesk):
    """Nothing can be done to it."""
    entry = desk.publish("One")
    stone = desk.retract(entry).entry
    ways = [
        lambda: rules.amend(desk.coverage, stone, {"headline": "x"}, LATER),
        lambda: rules.correct(desk.coverage, stone, {}, "A note.", LATER),
        lambda: rules.retract(desk.coverage, stone, "A note.", LATER),
        lambda: rules.pin(desk.coverage, stone, None, LATER),
        lambda: rules.unpin(desk.coverage, stone, LATER),
    ]
    for way in ways:
        with pytest.raises(EntryRetracted):
            way()


def test_a_draft_cannot_be_treated_as_public(desk: Newsdesk, draft: Entry):
    """There is nothing that readers have seen."""
    ways = [
        lambda: rules.amend(desk.coverage, draft, {"headline": "x"}, LATER),
        lambda: rules.correct(desk.coverage, draft, {}, "A note.", LATER),
        lambda: rules.retract(desk.coverage, draft, "A note.", LATER),
        lambda: rules.pin(desk.coverage, draft, None, LATER),
        lambda: rules.unpin(desk.coverage, draft, LATER),
    ]
    for way in ways:
        with pytest.raises(EntryNotPublic):
            way()


def test_a_clock_that_goes_back_does_not_take_the_journal_with_it(desk: Newsdesk):
    """The event takes the time of the one before it."""
    earlier = START - timedelta(hours=1)
    entry = Entry(
        "x", "apollo-11", "draft", updated_at=earlier, language="en", body=Body("<p>x</p>")
    )
    change = rules.publish(desk.coverage, entry, earlier)
    assert change.events[0].at == change.entry.published_at == START


def test_a_change_by_somebody_who_has_not_seen_the_latest_is_refused(desk: Newsdesk):
    """None stands for whatever it is."""
    entry = replace(desk.publish("One"), revision=3)
    rules.check_revision(entry, None)
    rules.check_revision(entry, {1, 3})
    for seen in (set(), {1, 2}, {4}):
        with pytest.raises(StaleRevision):
            rules.check_revision(entry, seen)


def test_every_refusal_is_one_of_the_timelines():
    """Whoever carries an action out can tell a refusal from a defect."""
    refused = Newsdesk().act(Action("publish", fields={"headline": "Too early"}))
    assert refused is None
    assert issubclass(CoveragePlanned, TimelineError)


def test_an_event_needs_the_entry_as_it_was(desk: Newsdesk):
    """Without it the count of entries would go wrong silently."""
    entry = desk.publish("One")
    with pytest.raises(ValueError, match="as it was"):
        rules.Change(desk.coverage).with_event("entry.amended", entry, LATER)
