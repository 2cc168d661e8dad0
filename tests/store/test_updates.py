"""The updates that sitemaps list, on SQLite and PostgreSQL."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.formats.sitemap import NewsItem
from app.store import listing
from app.store.coverages import (
    add_coverage,
    list_languages,
    save_availability,
    save_coverage,
)
from app.store.engine import Store
from app.store.updates import list_changed, list_parts, list_updated_editions, list_updates
from app.timeline.edition import Edition
from app.timeline.withdrawal import Withdrawal
from tests.newsdesk import Newsdesk
from tests.record import Record
from tests.strategies import START

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def records(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[Record]:
    """Five public coverages, each changed a minute after the previous one, and a planned one.

    A part has two coverages.
    """
    monkeypatch.setattr(listing, "PART", 2)
    public_records = []
    for number in range(5):
        record = Record(store)
        record.desk.now += number * MINUTE
        public_records.append(await record.open())
    async with store.writing() as session:
        await add_coverage(session, Newsdesk("a-plan").coverage)
    return public_records


async def test_every_public_coverage_is_told_with_its_last_event(
    store: Store, records: list[Record]
) -> None:
    """Every public coverage is listed in one part, with the time of its last event."""
    await records[2].publish("Something new")
    async with store.reading() as session:
        parts = await list_parts(session)
        updates = [await list_updates(session, part) for part in range(4)]
    assert [len(part) for part in updates] == [2, 2, 1, 0]
    assert [sorted(part) for part in updates[:3]] == [
        sorted((r.slug, r.desk.coverage.updated_at) for r in records[n : n + 2]) for n in (0, 2, 4)
    ]
    assert parts == [(n, max(at for _, at in updates[n])) for n in range(3)]


async def test_a_part_without_public_coverages_is_left_out(
    store: Store, records: list[Record]
) -> None:
    """A part whose coverages are withdrawn is not listed, and the others stay as they are."""
    withdrawal = Withdrawal(START, "Ada", None)
    async with store.reading() as session:
        parts = await list_parts(session)
    async with store.writing() as session:
        for record in records[2:4]:
            withdrawn = replace(record.desk.coverage, withdrawn=withdrawal)
            await save_availability(session, withdrawn)
    async with store.reading() as session:
        assert await list_parts(session) == [parts[0], parts[2]]
        assert await list_updates(session, 1) == []


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
        parts = [await list_updated_editions(session, part) for part in range(5)]
    assert parts == [{original.slug: editions}, {}, {}, {"an-edition": editions}, {}]


async def test_an_empty_record_has_no_part(store: Store) -> None:
    """An empty database has no parts and no updates."""
    async with store.reading() as session:
        assert await list_parts(session) == []
        assert await list_updates(session, 0) == []


async def test_what_has_changed_is_told_last_changed_first(
    store: Store, records: list[Record]
) -> None:
    """Coverages changed at or after a time are listed, the last changed first, up to the limit."""
    since = records[3].desk.coverage.updated_at
    records[0].desk.now = since + 5 * MINUTE
    await records[0].publish("Something new")
    expected = [
        NewsItem(each.slug, each.title, each.language, each.starts_at, each.updated_at)
        for each in (records[n].desk.coverage for n in (0, 4, 3))
    ]
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
