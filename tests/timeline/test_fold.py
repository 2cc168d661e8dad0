"""Law 1: what the journal adds up to is what the newsroom's changes say, from any place on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.timeline.cursor import Cursor
from app.timeline.entry import Entry
from app.timeline.event import Event
from app.timeline.fold import Page, fold
from tests.newsdesk import Newsdesk
from tests.strategies import START, Action, actions, series

DEEDS = series(actions(), 25)


def bare(entry: Entry) -> bool:
    """Whether nothing of it is left but its place, its times and the note."""
    kept = ("id", "coverage", "status", "seq", "revision", "published_at", "updated_at")
    stone = Entry(
        **{name: getattr(entry, name) for name in kept},
        language=entry.language,
        retraction=entry.retraction,
    )
    return entry == stone


@given(DEEDS)
def test_the_journal_adds_up_to_what_the_changes_say(deeds: list[Action]):
    """After each change the journal's fold is the coverage and the entries that it gave."""
    desk = Newsdesk()
    assert fold(None, desk.journal) is None
    desk.act_all([])
    for deed in deeds:
        desk.act(deed)
        assert fold(None, desk.journal) == desk.page


@given(DEEDS, st.data())
def test_a_page_is_carried_forward_from_any_place(deeds: list[Action], data: st.DataObject):
    """fold(fold(1..n), n..m) = fold(1..m), and a page that was handed out is left as it was."""
    journal = Newsdesk().act_all(deeds).journal
    m = data.draw(st.integers(1, len(journal)))
    n = data.draw(st.integers(0, m))
    early = fold(None, journal[:n])
    kept = early and Page(early.coverage, dict(early.entries))
    assert fold(early, journal[n:m]) == fold(None, journal[:m])
    assert early == kept


@given(DEEDS)
def test_a_page_folded_live_ends_where_a_fresh_one_does(deeds: list[Action]):
    """Who folded each event as it went out has the page of who folds the redacted journal."""
    desk = Newsdesk().act_all(deeds)
    assert fold(None, desk.told) == fold(None, desk.journal) == desk.page


@given(DEEDS)
def test_a_page_that_missed_the_redaction_is_mended_by_the_retraction(deeds: list[Action]):
    """A reader who stopped at any event and folds the redacted rest loses every retracted word."""
    desk = Newsdesk().act_all(deeds)
    for place in range(1, len(desk.told)):
        assert fold(fold(None, desk.told[:place]), desk.journal[place:]) == desk.page


@given(DEEDS)
def test_seqs_have_no_hole_and_times_never_go_back(deeds: list[Action]):
    """Whatever the clock does, the journal is ordered by seq and by time alike."""
    desk = Newsdesk().act_all(deeds)
    assert [event.seq for event in desk.journal] == list(range(1, desk.coverage.cursor.seq + 1))
    assert desk.journal[0].type == "coverage.opened"
    times = [event.at for event in desk.journal]
    assert times == sorted(times)
    assert desk.coverage.updated_at == times[-1]


@given(DEEDS)
def test_the_page_counts_its_entries_and_holds_one_pin(deeds: list[Action]):
    """At every place: the count, at most one pin, the key events in order of publication."""
    desk = Newsdesk().act_all(deeds)
    for place in range(1, len(desk.journal) + 1):
        page = fold(None, desk.journal[:place])
        assert page is not None
        standing = [e for e in page.entries.values() if e.status == "published"]
        assert page.coverage.entry_count == len(standing)
        assert [e.id for e in standing if e.pinned] == [
            pin for pin in [page.coverage.pinned] if pin is not None
        ]
        turns = {k.entry_id: (k.title, k.published_at) for k in page.coverage.key_events}
        assert turns == {e.id: (e.title, e.published_at) for e in standing if e.key_event}
        assert len(turns) == len(page.coverage.key_events)
        times = [k.published_at for k in page.coverage.key_events]
        assert times == sorted(times)


@given(DEEDS)
def test_a_tombstone_carries_no_words_at_any_place_of_the_journal(deeds: list[Action]):
    """Neither an event of the entry nor a coverage's list of key events has them."""
    desk = Newsdesk().act_all(deeds)
    gone = {e.id for e in desk.entries.values() if e.status == "retracted"}
    for event in desk.journal:
        if event.entry is not None and event.entry.id in gone:
            assert bare(event.entry)
        if event.details is not None:
            assert not gone & {k.entry_id for k in event.details.key_events}
            assert event.details.pinned not in gone


@given(DEEDS)
def test_no_event_carries_the_words_once_they_are_being_retracted(deeds: list[Action]):
    """Of the events that a retraction makes, the one that takes the pin has the tombstone too."""
    desk = Newsdesk().act_all([])
    for deed in deeds:
        change = desk.act(deed)
        if change is not None and any(e.type == "entry.retracted" for e in change.events):
            assert all(e.entry is not None and bare(e.entry) for e in change.events)


def test_two_turning_points_of_one_moment_stay_in_their_order():
    """Amending the first of two that were published at once does not make it the second."""
    desk = Newsdesk().act_all([])
    first = desk.publish("First", key_event=True)
    second = desk.publish("Second", key_event=True)
    desk.act(Action("amend", which=0, fields={"headline": "The first"}))
    assert [k.entry_id for k in desk.coverage.key_events] == [first.id, second.id]
    assert desk.coverage.key_events[0].title == "The first"


def test_a_fold_refuses_events_with_a_hole():
    """A page that skipped an event would be wrong for ever."""
    desk = Newsdesk().act_all([])
    desk.publish("One")
    desk.publish("Two")
    with pytest.raises(ValueError, match="3 does not follow on"):
        fold(fold(None, desk.journal[:1]), desk.journal[2:])
    with pytest.raises(ValueError, match="2 does not follow on"):
        fold(None, desk.journal[1:])


def test_a_fold_refuses_an_event_that_carries_nothing():
    """Nor is there an entry before the coverage is open."""
    empty = Event(Cursor("e1", 1), "coverage.opened", "apollo-11", START)
    with pytest.raises(ValueError, match="carries nothing"):
        fold(None, [empty])
