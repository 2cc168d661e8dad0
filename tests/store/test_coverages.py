"""Coverages in the database, on SQLite and PostgreSQL."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from app.store.coverages import (
    add_coverage,
    find_coverage,
    list_by_status,
    list_coverages,
    read_heads,
    save_availability,
    save_coverage,
)
from app.store.engine import Store
from app.store.journal import lock_coverage
from app.timeline.coverage import Coverage
from app.timeline.cursor import Cursor
from app.timeline.errors import SlugTaken, UnknownCoverage
from app.timeline.withdrawal import Withdrawal
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
    """The newest coverage is first; those of one time are in the reverse order of their slugs."""
    await add(store, "b", "a")
    await add(store, "old", created_at=START - timedelta(days=1))
    await add(store, "new", created_at=START + timedelta(milliseconds=1))
    assert await list_slugs(store) == ["new", "b", "a", "old"]


async def test_the_list_is_turned_without_a_gap(store: Store):
    """A page begins after the last coverage of the previous one, without gaps or repetitions."""
    await add(store, *"fbdaec")
    await add(store, "old", created_at=START - timedelta(days=1))
    slugs: list[str] = []
    while page := await list_slugs(store, limit=2, after=slugs[-1] if slugs else None):
        assert len(page) <= 2
        slugs += page
    assert slugs == [*"fedcba", "old"]


async def test_the_list_holds_the_statuses_asked_for(store: Store):
    """Only coverages with one of the requested statuses are listed."""
    for status in ALL_STATUSES:
        await add(store, f"c-{status}", status=status)
    assert set(await list_slugs(store, ("live", "paused"))) == {"c-live", "c-paused"}
    assert await list_slugs(store, ("planned",)) == ["c-planned"]
    assert await list_slugs(store, ()) == []


async def test_each_list_holds_what_may_be_seen(store: Store):
    """Hidden coverages are listed for whom may see them, and archived ones where they are asked."""
    withdrawal = Withdrawal(START, "Ada", None)
    shown, plan, kept, gone = [
        (await add(store, slug, status=status))[0]
        for slug, status in (
            *(("a-shown", "closed"), ("b-plan", "planned")),
            *(("c-kept", "closed"), ("d-gone", "live")),
        )
    ]
    async with store.writing() as session:
        await save_availability(session, replace(kept, is_archived=True))
        await save_availability(session, replace(gone, withdrawn=withdrawal))
    public = [kept.slug, shown.slug]
    async with store.reading() as session:
        for hidden, expected in (
            ((), public),
            ([plan.slug, shown.slug], [kept.slug, plan.slug, shown.slug]),
            ([gone.slug], [gone.slug, *public]),
            (None, [gone.slug, kept.slug, plan.slug, shown.slug]),
        ):
            found = await list_coverages(session, ALL_STATUSES, 10, None, hidden)
            assert [each.slug for each in found] == expected
        found = await list_coverages(session, ["closed"], 10, None, (), archived=False)
        assert [each.slug for each in found] == [shown.slug]
        for slugs in None, [plan.slug, gone.slug, kept.slug]:
            by_status = await list_by_status(session, 10, None, slugs)
            expected = [gone.slug, plan.slug, kept.slug, shown.slug]
            assert [each.slug for each in by_status] == [
                slug for slug in expected if slugs is None or slug in slugs
            ]
            rest = await list_by_status(session, 2, gone.slug, slugs)
            assert rest == by_status[1:3]


async def test_heads_are_those_of_the_coverages_asked_for(store: Store):
    """Heads are returned for the requested coverages; unknown ones are omitted."""
    await add(store, "a", cursor=Cursor("e1", 7))
    await add(store, "b", cursor=Cursor("e2", 0))
    await add(store, "c")
    async with store.reading() as session:
        heads = await read_heads(session, ["a", "b", "unknown"])
        assert await read_heads(session, []) == {}
    assert heads == {"a": Cursor("e1", 7), "b": Cursor("e2", 0)}
