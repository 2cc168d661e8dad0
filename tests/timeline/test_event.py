"""Events, and how a retraction redacts them."""

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from app.timeline.event import COVERAGE_EVENTS, ENTRY_EVENTS, REVISING_EVENTS, EventType
from app.timeline.redaction import redact
from tests.newsdesk import Newsdesk
from tests.strategies import Action, actions, series


def test_each_type_is_of_the_coverage_or_of_an_entry():
    """Every event type belongs either to the coverage or to an entry."""
    assert not COVERAGE_EVENTS & ENTRY_EVENTS
    assert all(event_type.startswith("coverage.") for event_type in COVERAGE_EVENTS)
    assert all(event_type.startswith("entry.") for event_type in ENTRY_EVENTS)
    assert REVISING_EVENTS < ENTRY_EVENTS
    assert len(COVERAGE_EVENTS | ENTRY_EVENTS) == sum(
        len(get_args(part)) for part in get_args(EventType)
    )


@given(series(actions(), 25))
def test_an_event_carries_one_thing_by_its_type(history: list[Action]):
    """An event's type decides whether it carries an entry or the coverage.

    The coverage is carried as of the event's own cursor.
    """
    for event in Newsdesk().act_all(history).journal:
        assert (event.entry is not None) == (event.type in ENTRY_EVENTS)
        assert (event.details is not None) == (event.type in COVERAGE_EVENTS)
        if event.details is not None:
            assert event.details.cursor == event.cursor


@given(series(actions(), 25), st.data())
def test_redacting_twice_with_the_same_stone_is_redacting_once(
    history: list[Action], data: st.DataObject
):
    """Redaction is idempotent: events of the retracted entry carry its tombstone.

    Cursor, type and time stay, and events of other entries keep their entry.
    """
    desk = Newsdesk().act_all(history)
    published = [e for e in desk.page.entries.values() if e.status == "published"]
    if not published:
        return
    entry = data.draw(st.sampled_from(published))
    earlier = list(desk.journal)
    retracted = desk.retract(entry).entry
    for event in earlier:
        redacted = redact(event, retracted)
        assert (redacted.cursor, redacted.type, redacted.at) == (
            event.cursor,
            event.type,
            event.at,
        )
        if event.entry is not None:
            expected = retracted if event.entry.id == entry.id else event.entry
            assert redacted.entry == expected == redact(redacted, retracted).entry


def test_a_coverage_before_the_publication_keeps_its_count():
    """Redaction lowers the entry count only in events after the entry's publication."""
    desk = Newsdesk().act_all([])
    desk.publish("Stays")
    desk.act(Action("change", head={"title": "Before"}))
    entry = desk.publish("Goes", key_event=True)
    desk.act(Action("change", head={"title": "After"}))
    desk.retract(entry)
    details = {e.details.title: e.details for e in desk.journal if e.details is not None}
    assert details["Before"].entry_count == 1
    assert details["After"].entry_count == 1
    assert details["After"].key_events == ()
