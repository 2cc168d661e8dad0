"""Promises of events, and of what a retraction leaves of them."""

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from app.timeline.event import COVERAGE_EVENTS, ENTRY_EVENTS, REVISING_EVENTS, EventType
from app.timeline.redaction import redact
from tests.newsdesk import Newsdesk
from tests.strategies import Action, actions, series


def test_each_type_is_of_the_coverage_or_of_an_entry():
    """Exactly one of `details` and `entry` follows from it."""
    assert not COVERAGE_EVENTS & ENTRY_EVENTS
    assert all(kind.startswith("coverage.") for kind in COVERAGE_EVENTS)
    assert all(kind.startswith("entry.") for kind in ENTRY_EVENTS)
    assert REVISING_EVENTS < ENTRY_EVENTS
    assert len(COVERAGE_EVENTS | ENTRY_EVENTS) == sum(
        len(get_args(part)) for part in get_args(EventType)
    )


@given(series(actions(), 25))
def test_an_event_carries_one_thing_by_its_type(deeds: list[Action]):
    """Of the coverage's own it is the coverage as of that cursor."""
    for event in Newsdesk().act_all(deeds).journal:
        assert (event.entry is not None) == (event.type in ENTRY_EVENTS)
        assert (event.details is not None) == (event.type in COVERAGE_EVENTS)
        if event.details is not None and event.details.entry_count == 0:
            assert event.details.cursor == event.cursor


@given(series(actions(), 25), st.data())
def test_redacting_twice_with_the_same_stone_is_redacting_once(
    deeds: list[Action], data: st.DataObject
):
    """The entry's own events carry the stone, and the others are left alone."""
    desk = Newsdesk().act_all(deeds)
    standing = [e for e in desk.page.entries.values() if e.status == "published"]
    if not standing:
        return
    entry = data.draw(st.sampled_from(standing))
    earlier = list(desk.journal)
    stone = desk.retract(entry).entry
    for event in earlier:
        redacted = redact(event, stone)
        assert (redacted.cursor, redacted.type, redacted.at) == (
            event.cursor,
            event.type,
            event.at,
        )
        if event.entry is not None:
            expected = stone if event.entry.id == entry.id else event.entry
            assert redacted.entry == expected == redact(redacted, stone).entry


def test_a_coverage_before_the_publication_keeps_its_count():
    """Only events that had counted the entry count one less."""
    desk = Newsdesk().act_all([])
    desk.publish("Stays")
    desk.act(Action("change", head={"title": "Before"}))
    entry = desk.publish("Goes", key_event=True)
    desk.act(Action("change", head={"title": "After"}))
    desk.retract(entry)
    counts = {e.details.title: e.details for e in desk.journal if e.details is not None}
    assert counts["Before"].entry_count == 1
    assert counts["After"].entry_count == 1
    assert counts["After"].key_events == ()
