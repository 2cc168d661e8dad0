"""The updates that sitemaps list, on SQLite and PostgreSQL."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.store.coverages import (
    add_coverage,
    list_languages,
    save_availability,
    save_coverage,
)
from app.store.engine import Store
from app.store.updates import list_changed, list_parts, list_updated_editions, list_updates
from app.timeline.edition import Edition
from tests.newsdesk import Newsdesk
from tests.record import Record

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def records(store: Store) -> list[Record]:
    """Five public coverages, each changed a minute after the previous one, and a planned one."""
    public_records = []
    for number in range(5):
        record = Record(store)
        record.desk.now += number * MINUTE
        public_records.append(await record.open())
    async with store.writing() as session:
        await add_coverage(session, Newsdesk("a-plan").coverage)
    return public_records


def _expected_updates(records: list[Record]) -> list[tuple[str, object]]:
    by_age = sorted(records, key=lambda r: (r.desk.coverage.created_at, r.slug))
    return [(r.slug, r.desk.coverage.updated_at) for r in by_age]


async def test_every_public_coverage_is_told_with_its_last_event(
    store: Store, records: list[Record]
) -> None:
    """Every public coverage is listed once with the time of its last event, also in pages."""
    await records[2].publish("Something new")
    async with store.reading() as session:
        all_updates = await list_updates(session, 0, 100)
        parts = [await list_updates(session, skip, 2) for skip in range(0, 8, 2)]
    assert all_updates == _expected_updates(records)
    assert [update for part in parts for update in part] == all_updates
    assert [len(part) for part in parts] == [2, 2, 1, 0]


async def test_editions_are_told_for_those_that_have_some(
    store: Store, records: list[Record]
) -> None:
    """An original and its edition have the stored list, in the part that they are in."""
    original = records[1].desk.coverage
    edition = replace(Newsdesk("an-edition").coverage, status="live", edition_of=original.slug)
    editions = (Edition(original.slug, "en", "Day"), Edition("an-edition", "ru", "День"))
    async with store.writing() as session:
        await save_coverage(session, replace(original, editions=editions))
        await add_coverage(session, replace(edition, editions=editions))
    async with store.reading() as session:
        slugs = [slug for slug, _ in await list_updates(session, 0, 100)]
        parts = [await list_updated_editions(session, at, 1) for at in range(len(slugs))]
        whole = await list_updated_editions(session, 0, 100)
    assert whole == {original.slug: editions, "an-edition": editions}
    for slug, part in zip(slugs, parts, strict=True):
        assert part == {name: each for name, each in whole.items() if name == slug}


async def test_a_part_tells_the_last_event_in_it(store: Store, records: list[Record]) -> None:
    """Each part has the time of its last event, in the order of the parts."""
    all_updates = _expected_updates(records)
    async with store.reading() as session:
        parts = await list_parts(session, 2)
        assert await list_parts(session, 5) == [max(at for _, at in all_updates)]
    assert parts == [max(at for _, at in all_updates[skip : skip + 2]) for skip in (0, 2, 4)]


async def test_an_empty_record_has_no_part(store: Store) -> None:
    """An empty database has no parts and no updates."""
    async with store.reading() as session:
        assert await list_parts(session, 2) == []
        assert await list_updates(session, 0, 2) == []


async def test_what_has_changed_is_told_last_changed_first(
    store: Store, records: list[Record]
) -> None:
    """Coverages changed at or after a time are listed, the last changed first, up to the limit."""
    since = records[3].desk.coverage.updated_at
    records[0].desk.now = since + 5 * MINUTE
    await records[0].publish("Something new")
    expected = [records[n].desk.coverage for n in (0, 4, 3)]
    async with store.reading() as session:
        assert await list_changed(session, since, 100) == expected
        assert await list_changed(session, since, 2) == expected[:2]
        assert await list_changed(session, since + 6 * MINUTE, 2) == []


async def test_an_archived_coverage_is_told_again_once_it_is_open(
    store: Store, records: list[Record]
) -> None:
    """Archiving leaves a coverage out only while it is closed, of the languages too."""
    open_one, closed_one = (records[n].desk.coverage for n in (3, 4))
    closed = replace(closed_one, status="closed", language="ka")
    async with store.writing() as session:
        await save_coverage(session, closed)
        for coverage in open_one, closed:
            await save_availability(session, replace(coverage, is_archived=True))
    async with store.reading() as session:
        changed = await list_changed(session, open_one.updated_at, 100)
        assert [coverage.slug for coverage in changed] == [open_one.slug]
        assert await list_languages(session) == ["en"]
