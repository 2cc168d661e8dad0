"""Tests of what happens in a coverage while it is withdrawn."""

from dataclasses import replace
from datetime import timedelta

from app.newsroom.entries import publish_due_entry
from app.store.coverages import save_availability
from app.store.engine import Store
from app.store.entries import save_entry
from app.timeline.entry import Entry
from app.timeline.withdrawal import Withdrawal
from tests.record import Record
from tests.strategies import START


async def test_a_scheduled_entry_waits_though_it_was_listed_before(store: Store) -> None:
    """Withdrawn after the schedule was read, a coverage keeps its due entry as it is."""
    record = await Record(store).open()
    entry = Entry("due", record.slug, "scheduled", updated_at=START, language="en", headline="Due")
    withdrawal, key = Withdrawal(START, "Ann", "By order."), (record.slug, "due")
    after = START + timedelta(hours=1)
    async with store.writing() as session:
        await save_entry(session, replace(entry, embargo_until=START))
        await save_availability(session, replace(record.desk.coverage, withdrawn=withdrawal))
        assert await publish_due_entry(session, key, after) is None
        await save_availability(session, record.desk.coverage)
        assert await publish_due_entry(session, key, after) is not None
