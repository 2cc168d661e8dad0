"""Promises of what search engines are told to read, in both databases."""

from datetime import timedelta

import pytest

from app.store.coverages import add_coverage
from app.store.engine import Store
from app.store.updates import list_changed, list_parts, list_updates
from tests.newsdesk import Newsdesk
from tests.record import Record

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def records(store: Store) -> list[Record]:
    """Five public coverages, each changed a minute after the one before, and a plan."""
    opened = []
    for number in range(5):
        record = Record(store)
        record.desk.now += number * MINUTE
        opened.append(await record.open())
    async with store.writing() as session:
        await add_coverage(session, Newsdesk("a-plan").coverage)
    return opened


def _told(records: list[Record]) -> list[tuple[str, object]]:
    by_age = sorted(records, key=lambda r: (r.desk.coverage.created_at, r.slug))
    return [(r.slug, r.desk.coverage.updated_at) for r in by_age]


async def test_every_public_coverage_is_told_with_its_last_event(
    store: Store, records: list[Record]
) -> None:
    """Part by part, none twice and no plan."""
    await records[2].publish("Something new")
    async with store.reading() as session:
        whole = await list_updates(session, 0, 100)
        parts = [await list_updates(session, skip, 2) for skip in range(0, 8, 2)]
    assert whole == _told(records)
    assert [one for part in parts for one in part] == whole
    assert [len(part) for part in parts] == [2, 2, 1, 0]


async def test_a_part_tells_the_last_event_in_it(store: Store, records: list[Record]) -> None:
    """In the order of the parts; of no coverage there is no part."""
    whole = _told(records)
    async with store.reading() as session:
        parts = await list_parts(session, 2)
        assert await list_parts(session, 5) == [max(at for _, at in whole)]
    assert parts == [max(at for _, at in whole[skip : skip + 2]) for skip in (0, 2, 4)]


async def test_an_empty_record_has_no_part(store: Store) -> None:
    """And no updates."""
    async with store.reading() as session:
        assert await list_parts(session, 2) == []
        assert await list_updates(session, 0, 2) == []


async def test_what_has_changed_is_told_last_changed_first(
    store: Store, records: list[Record]
) -> None:
    """At the time asked for or later, so many at most."""
    since = records[3].desk.coverage.updated_at
    records[0].desk.now = since + 5 * MINUTE
    await records[0].publish("Something new")
    expected = [records[n].desk.coverage for n in (0, 4, 3)]
    async with store.reading() as session:
        assert await list_changed(session, since, 100) == expected
        assert await list_changed(session, since, 2) == expected[:2]
        assert await list_changed(session, since + 6 * MINUTE, 2) == []
