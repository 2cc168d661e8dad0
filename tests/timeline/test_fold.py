"""Law 1: folding the journal gives the same page as the newsroom's changes, from any event on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.timeline.cursor import Cursor
from app.timeline.entry import Entry
from app.timeline.event import Event
from app.timeline.fold import Page, fold
from tests.newsdesk import Newsdesk
from tests.strategies import START, Action, actions, series

HISTORIES = series(actions(), 25)


def bare(entry: Entry) -> bool:
    """Tell whether an entry has no content: only its identity, times, language and note."""
    kept = ("id", "coverage", "status", "seq", "revision", "published_at", "updated_at")
    retracted = Entry(
        **{name: getattr(entry, name) for name in kept},
        language=entry.language,
        retraction=entry.retraction,
    )
    return entry == retracted


@given(HISTORIES)
def test_the_journal_adds_up_to_what_the_changes_say(history: list[Action]):
    """After each change the fold of the journal equals the newsroom's page."""
    desk = Newsdesk()
    assert fold(None, desk.journal) is None
    desk.act_all([])
    for action in history:
        desk.act(action)
        assert fold(None, desk.journal) == desk.page


@given(HISTORIES, st.data())
def test_a_page_is_carried_forward_from_any_place(history: list[Action], data: st.DataObject):
    """fold(fold(1..n), n..m) = fold(1..m), and folding does not change the given page."""
    journal = Newsdesk().act_all(history).journal
    m = data.draw(st.integers(1, len(journal)))
    n = data.draw(st.integers(0, m))
    early = fold(None, journal[:n])
    copy = early and Page(early.coverage, dict(early.entries))
    assert fold(early, journal[n:m]) == fold(None, journal[:m])
    assert early == copy


@given(HISTORIES)
def test_a_page_folded_live_ends_where_a_fresh_one_does(history: list[Action]):
    """Folding the events as they were sent gives the same page as folding the redacted journal."""
    desk = Newsdesk().act_all(history)
    assert fold(None, desk.sent) == fold(None, desk.journal) == desk.page


@given(HISTORIES)
def test_a_page_that_missed_the_redaction_is_mended_by_the_retraction(history: list[Action]):
    """A reader that stopped at any event and folds the redacted rest has no retracted content."""
    desk = Newsdesk().act_all(history)
    for stop in range(1, len(desk.sent)):
        assert fold(fold(None, desk.sent[:stop]), desk.journal[stop:]) == desk.page


@given(HISTORIES)
def test_seqs_have_no_hole_and_times_never_go_back(history: list[Action]):
    """The journal's seqs are contiguous and its times never decrease, whatever the clock does."""
    desk = Newsdesk().act_all(history)
    assert [event.seq for event in desk.journal] == list(range(1, desk.coverage.cursor.seq + 1))
    assert desk.journal[0].type == "coverage.opened"
    times = [event.at for event in desk.journal]
    assert times == sorted(times)
    assert desk.coverage.updated_at == times[-1]


@given(HISTORIES)
def test_the_page_counts_its_entries_and_holds_one_pin(history: list[Action]):
    """After every event the page's entry count, pin and key events match its published entries.

    At most one entry is pinned, and key events are in order of publication.
    """
    desk = Newsdesk().act_all(history)
    for stop in range(1, len(desk.journal) + 1):
        page = fold(None, desk.journal[:stop])
        assert page is not None
        published = [e for e in page.entries.values() if e.status == "published"]
        assert page.coverage.entry_count == len(published)
        assert [e.id for e in published if e.pinned] == [
            pin for pin in [page.coverage.pinned] if pin is not None
        ]
        key_events = {k.entry_id: (k.title, k.published_at) for k in page.coverage.key_events}
        assert key_events == {e.id: (e.title, e.published_at) for e in published if e.key_event}
        assert len(key_events) == len(page.coverage.key_events)
        times = [k.published_at for k in page.coverage.key_events]
        assert times == sorted(times)


@given(HISTORIES)
def test_a_full_list_has_the_newest_key_events(history: list[Action]):
    """With more key events than a coverage lists, every fold has the newest, as the newsroom has.

    When one leaves the list, the next older one comes in.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.timeline.coverage.MOST_KEY_EVENTS", 2)
        desk = Newsdesk().act_all(history)
        found = [e for e in desk.page.entries.values() if e.key_event and e.published_at and e.seq]
        found.sort(key=lambda entry: (entry.published_at, entry.seq))
        listed = [k.entry_id for k in desk.coverage.key_events]
        assert listed == [entry.id for entry in found[-2:]]
        assert fold(None, desk.sent) == fold(None, desk.journal) == desk.page
        for stop in range(1, len(desk.sent)):
            assert fold(fold(None, desk.sent[:stop]), desk.journal[stop:]) == desk.page


@given(HISTORIES)
def test_a_tombstone_carries_no_words_at_any_place_of_the_journal(history: list[Action]):
    """No event in the journal carries content of a retracted entry.

    That includes the key events and the pin of a coverage event.
    """
    desk = Newsdesk().act_all(history)
    retracted_ids = {e.id for e in desk.entries.values() if e.status == "retracted"}
    for event in desk.journal:
        if event.entry is not None and event.entry.id in retracted_ids:
            assert bare(event.entry)
        if event.details is not None:
            assert not retracted_ids & {k.entry_id for k in event.details.key_events}
            assert event.details.pinned not in retracted_ids


@given(HISTORIES)
def test_no_event_carries_the_words_once_they_are_being_retracted(history: list[Action]):
    """Every event of a retraction carries the tombstone, also the one that removes the pin."""
    desk = Newsdesk().act_all([])
    for action in history:
        change = desk.act(action)
        if change is not None and any(e.type == "entry.retracted" for e in change.events):
            assert all(e.entry is not None and bare(e.entry) for e in change.events)


def test_an_older_key_event_comes_in_for_one_that_leaves():
    """When one of the listed key events is retracted or unmarked, the next older one is listed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.timeline.coverage.MOST_KEY_EVENTS", 2)
        desk = Newsdesk().act_all([])
        entries = [desk.publish(title, key_event=True) for title in ("1", "2", "3", "4")]
        desk.retract(entries[3])
        assert [k.title for k in desk.coverage.key_events] == ["2", "3"]
        desk.act(Action("amend", which=1, fields={"key_event": False}))
        assert [k.title for k in desk.coverage.key_events] == ["1", "3"]
        assert fold(None, desk.sent) == fold(None, desk.journal) == desk.page


def test_two_turning_points_of_one_moment_stay_in_their_order():
    """Amending one of two key events that were published at the same time keeps their order."""
    desk = Newsdesk().act_all([])
    first = desk.publish("First", key_event=True)
    second = desk.publish("Second", key_event=True)
    desk.act(Action("amend", which=0, fields={"headline": "The first"}))
    assert [k.entry_id for k in desk.coverage.key_events] == [first.id, second.id]
    assert desk.coverage.key_events[0].title == "The first"


def test_a_fold_refuses_events_with_a_hole():
    """Folding events with a gap in their seqs raises an error."""
    desk = Newsdesk().act_all([])
    desk.publish("One")
    desk.publish("Two")
    with pytest.raises(ValueError, match="3 does not follow on"):
        fold(fold(None, desk.journal[:1]), desk.journal[2:])
    with pytest.raises(ValueError, match="2 does not follow on"):
        fold(None, desk.journal[1:])


def test_a_fold_refuses_an_event_that_carries_nothing():
    """Folding an event without entry and details raises an error."""
    empty = Event(Cursor("e1", 1), "coverage.opened", "apollo-11", START)
    with pytest.raises(ValueError, match="carries nothing"):
        fold(None, [empty])
