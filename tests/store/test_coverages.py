"""Coverages in the database, on SQLite and PostgreSQL."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from app.store.coverages import (
    add_coverage,
    find_coverage,
    list_coverages,
    read_heads,
    save_coverage,
)
from app.store.engine import Store
from app.store.journal import lock_coverage
from app.timeline.coverage import Coverage
from app.timeline.cursor import Cursor
from app.timeline.errors import SlugTaken, UnknownCoverage
from tests.newsdesk import Newsdesk
from tests.strategies import START, coverages

ALL_STATUSES = ("planned", "live", "paused", "closed")


async def add(store: Store, *slugs: str, **fields: object) -> list[Coverage]:
    """Add coverages that were all created at the same time."""
    plans = [replace(Newsdesk(slug).coverage, **fields) for slug in slugs]
    async with store.writing() as session:
        for plan in plans:
            await add_coverage(session, plan)
    return plans


async def list_slugs(
    store: Store, statuses=ALL_STATUSES, limit: int = 100, after: str | None = None
):
    """The slugs of a page of the list, in its order."""
    async with store.reading() as session:
        page = await list_coverages(session, statuses, limit, after)
    return [coverage.slug for coverage in page]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=settings.default.max_examples // 4,  # each example writes coverages of its own
)
@given(coverages(), coverages())
async def test_a_coverage_is_found_as_it_was_saved(store: Store, first: Coverage, second: Coverage):
    """A coverage is read as it was saved last, whatever its text."""
    slug = f"c{abs(hash(first))}"
    first, second = replace(first, slug=slug), replace(second, slug=slug)
    async with store.writing() as session:
        try:
            assert await find_coverage(session, slug)
            await save_coverage(session, first)
        except UnknownCoverage:
            await add_coverage(session, first)
        assert await lock_coverage(session, slug) == first
    async with store.writing() as session:
        await save_coverage(session, second)
    async with store.reading() as session:
        assert await find_coverage(session, slug) == second


async def test_a_slug_is_taken_once(store: Store):
    """Adding a second coverage with a slug is refused, and the first is unchanged."""
    (first,) = await add(store, "apollo-11")
    with pytest.raises(SlugTaken):
        await add(store, "apollo-11", title="Another")
    async with store.reading() as session:
        assert await find_coverage(session, "apollo-11") == first


@pytest.mark.parametrize("slug", ["unknown", "", "\x00", "a/b", "A", "x" * 500, "'; --", "💥"])
async def test_what_is_not_there_is_said_so(store: Store, slug: str):
    """Any unknown slug raises UnknownCoverage, and none causes a database error."""
    await add(store, "apollo-11")
    async with store.writing() as session:
        with pytest.raises(UnknownCoverage):
            await find_coverage(session, slug)
        with pytest.raises(UnknownCoverage):
            await lock_coverage(session, slug)
        with pytest.raises(UnknownCoverage):
            await list_coverages(session, ALL_STATUSES, 10, slug)


async def test_coverages_are_listed_newest_first(store: Store):
    """The newest coverage is first; coverages of the same time are ordered by slug."""
    await add(store, "b", "a")
    await add(store, "old", created_at=START - timedelta(days=1))
    await add(store, "new", created_at=START + timedelta(milliseconds=1))
    assert await list_slugs(store) == ["new", "a", "b", "old"]


async def test_the_list_is_turned_without_a_gap(store: Store):
    """A page begins after the last coverage of the previous one, without gaps or repetitions."""
    await add(store, *"fbdaec")
    await add(store, "old", created_at=START - timedelta(days=1))
    slugs: list[str] = []
    while page := await list_slugs(store, limit=2, after=slugs[-1] if slugs else None):
        assert len(page) <= 2
        slugs += page
    assert slugs == [*"abcdef", "old"]


async def test_the_list_holds_the_statuses_asked_for(store: Store):
    """Only coverages with one of the requested statuses are listed."""
    for status in ALL_STATUSES:
        await add(store, f"c-{status}", status=status)
    assert set(await list_slugs(store, ("live", "paused"))) == {"c-live", "c-paused"}
    assert await list_slugs(store, ("planned",)) == ["c-planned"]
    assert await list_slugs(store, ()) == []


async def test_heads_are_those_of_the_coverages_asked_for(store: Store):
    """Heads are returned for the requested coverages; unknown ones are omitted."""
    await add(store, "a", cursor=Cursor("e1", 7))
    await add(store, "b", cursor=Cursor("e2", 0))
    await add(store, "c")
    async with store.reading() as session:
        heads = await read_heads(session, ["a", "b", "unknown"])
        assert await read_heads(session, []) == {}
    assert heads == {"a": Cursor("e1", 7), "b": Cursor("e2", 0)}
