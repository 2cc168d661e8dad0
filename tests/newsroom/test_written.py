"""Tests of `Written`, the result of a write."""

from collections import Counter

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from sqlmodel import select

from app.formats.public_json import PublicJson, dump_entry
from app.newsroom.written import entry_written
from app.store.engine import Store
from app.store.journal import lock_coverage, record_change
from app.store.journal_table import JournalRow
from app.store.tables import EntryRow
from app.timeline.entry import Entry
from tests.record import Record
from tests.strategies import Action, actions, series

FORM = PublicJson("https://news.example")


@pytest.mark.full("in the other database", but=["sqlite"])
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=settings().max_examples // 4,  # an example has twenty actions
)
@given(series(actions(), 20))
async def test_an_entry_is_encoded_once(store: Store, series_of_actions: list[Action]) -> None:
    """An entry is encoded once per change: row, events and response hold the same bytes."""
    record = await Record(store).open()
    for action in series_of_actions:
        change = record.desk.act(action)
        if change is None:
            continue
        if not change.entries:
            async with store.writing() as session:
                await record_change(session, change)
            continue
        encoded: Counter[Entry] = Counter()

        def encode(entry: Entry, encoded: Counter[Entry] = encoded) -> bytes:
            encoded[entry] += 1
            return dump_entry(entry)

        async with store.writing() as session:
            await lock_coverage(session, record.slug)
            recorded = await record_change(session, change, encode)
            rows = {
                row.id: row.state
                for row in await session.exec(
                    select(EntryRow).where(EntryRow.coverage == record.slug)
                )
            }
            journal = {
                row.seq: row.state
                for row in await session.exec(
                    select(JournalRow).where(JournalRow.coverage == record.slug)
                )
            }
        assert set(encoded.values()) == {1}
        assert {entry.id for entry in encoded} == recorded.records.keys()
        for entry_id, encoded_entry in recorded.records.items():
            assert rows[entry_id] == encoded_entry.decode()
        for event in change.events:
            if event.entry is not None:
                assert journal[event.seq] == recorded.records[event.entry.id].decode()
        body = entry_written(FORM, recorded).body
        assert body.startswith(recorded.records[change.entry.id][:-1] + b",")
        cursor = str(change.coverage.cursor) if change.entry.is_public else None
        assert orjson.loads(body) == {**FORM.entry(change.entry), "cursor": cursor}
