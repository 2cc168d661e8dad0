"""Mementos on SQLite and PostgreSQL: the seconds with events, computed independently."""

from datetime import datetime, timedelta

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from app.store.coverages import find_coverage
from app.store.engine import Store
from app.store.journal import find_last
from app.store.mementos import (
    find_entry_as_of,
    find_entry_mementos,
    find_mementos,
    list_seconds,
    to_time,
)
from app.timeline.fold import fold
from tests.record import Record
from tests.strategies import START, Action, actions, series

# All examples of a test share its store; each works on a coverage of its own.
shared_store = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=settings.default.max_examples // 4,  # each example writes a coverage of its own
)


def _neighbours(seconds: list[datetime], as_of: datetime) -> tuple[datetime | None, ...]:
    """Return the second that shows a time, and those before and after it."""
    place = sum(second <= as_of for second in seconds) - 1
    around = (place, place - 1, place + 1)
    return tuple(seconds[p] if 0 <= p < len(seconds) else None for p in around)


@shared_store
@given(history=series(actions(), 12), late=st.integers(-3000, 9000))
async def test_mementos_are_the_seconds_with_events(
    store: Store, history: list[Action], late: int
) -> None:
    """The mementos of coverage and entries are the distinct seconds of their events."""
    record = await (await Record(store).open()).act_all(history)
    events = record.desk.journal
    as_of = START + timedelta(milliseconds=late)
    ids = {event.entry.id for event in events if event.entry is not None}
    for entry_id in (None, *ids):
        own = [e for e in events if entry_id is None or (e.entry and e.entry.id == entry_id)]
        seconds = sorted({event.at.replace(microsecond=0) for event in own})
        async with store.reading() as session:
            if entry_id is None:
                found = await find_mementos(session, record.slug, as_of)
                latest = await find_mementos(session, record.slug, None)
            else:
                found = await find_entry_mementos(session, record.slug, entry_id, as_of)
                latest = await find_entry_mementos(session, record.slug, entry_id, None)
            listed = await list_seconds(session, record.slug, entry_id)
        assert [to_time(second) for second in listed] == seconds
        assert (found.first, found.last) == (seconds[0], seconds[-1])
        assert (found.current, found.previous, found.next) == _neighbours(seconds, as_of)
        assert latest.current == seconds[-1]


@shared_store
@given(history=series(actions(), 12), which=st.integers(0, 20))
async def test_an_entry_as_of_a_time_is_that_of_the_fold(
    store: Store, history: list[Action], which: int
) -> None:
    """At the time of each of its events an entry, and the coverage's title, are as in the fold."""
    record = await (await Record(store).open()).act_all(history)
    own = [event for event in record.desk.journal if event.entry is not None]
    assume(own)
    event = own[which % len(own)]
    assert event.entry is not None
    async with store.reading() as session:
        coverage = await find_coverage(session, record.slug)
        last = await find_last(session, record.slug, event.at)
        shown, entry = await find_entry_as_of(session, coverage, event.entry.id, event.at)
    page = fold(None, record.desk.journal[:last])
    assert page is not None
    assert entry == page.entries[event.entry.id]
    assert (shown.title, shown.status) == (page.coverage.title, page.coverage.status)
