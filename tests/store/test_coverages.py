"""Promises of the coverages in the record, in both databases."""

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

EVERY = ("planned", "live", "paused", "closed")


async def add(store: Store, *slugs: str, **rest: object) -> list[Coverage]:
    """Store coverages, all of them created at one moment."""
    plans = [replace(Newsdesk(slug).coverage, **rest) for slug in slugs]
    async with store.writing() as session:
        for plan in plans:
            await add_coverage(session, plan)
    return plans


async def listed(store: Store, statuses=EVERY, limit: int = 100, after: str | None = None):
    """The slugs in the order listed."""
    async with store.reading() as session:
        found = await list_coverages(session, statuses, limit, after)
    return [coverage.slug for coverage in found]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=settings.default.max_examples // 4,  # each writes coverages of its own
)
@given(coverages(), coverages())
async def test_a_coverage_is_found_as_it_was_saved(store: Store, first: Coverage, second: Coverage):
    """Whatever words it has, and whichever of its states was saved last."""
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
    """The second coverage of that slug is not stored, and the first is left as it was."""
    (first,) = await add(store, "apollo-11")
    with pytest.raises(SlugTaken):
        await add(store, "apollo-11", title="Another")
    async with store.reading() as session:
        assert await find_coverage(session, "apollo-11") == first


@pytest.mark.parametrize("slug", ["unknown", "", "\x00", "a/b", "A", "x" * 500, "'; --", "💥"])
async def test_what_is_not_there_is_said_so(store: Store, slug: str):
    """Whatever was asked for; no question makes the database fail."""
    await add(store, "apollo-11")
    async with store.writing() as session:
        with pytest.raises(UnknownCoverage):
            await find_coverage(session, slug)
        with pytest.raises(UnknownCoverage):
            await lock_coverage(session, slug)
        with pytest.raises(UnknownCoverage):
            await list_coverages(session, EVERY, 10, slug)


async def test_coverages_are_listed_newest_first(store: Store):
    """Those of one moment by their slugs, so that pages meet."""
    await add(store, "b", "a")
    await add(store, "old", created_at=START - timedelta(days=1))
    await add(store, "new", created_at=START + timedelta(milliseconds=1))
    assert await listed(store) == ["new", "a", "b", "old"]


async def test_the_list_is_turned_without_a_gap(store: Store):
    """Each page begins behind the last coverage of the one before."""
    await add(store, *"fbdaec")
    await add(store, "old", created_at=START - timedelta(days=1))
    seen: list[str] = []
    while page := await listed(store, limit=2, after=seen[-1] if seen else None):
        assert len(page) <= 2
        seen += page
    assert seen == [*"abcdef", "old"]


async def test_the_list_holds_the_statuses_asked_for(store: Store):
    """A plan only if it is asked for."""
    for status in EVERY:
        await add(store, f"c-{status}", status=status)
    assert set(await listed(store, ("live", "paused"))) == {"c-live", "c-paused"}
    assert await listed(store, ("planned",)) == ["c-planned"]
    assert await listed(store, ()) == []


async def test_heads_are_those_of_the_coverages_asked_for(store: Store):
    """What is not there is left out."""
    await add(store, "a", cursor=Cursor("e1", 7))
    await add(store, "b", cursor=Cursor("e2", 0))
    await add(store, "c")
    async with store.reading() as session:
        heads = await read_heads(session, ["a", "b", "unknown"])
        assert await read_heads(session, []) == {}
    assert heads == {"a": Cursor("e1", 7), "b": Cursor("e2", 0)}
