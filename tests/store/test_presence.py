"""Promises of the visits in the record, in both databases."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from app.store.engine import Store
from app.store.presence import (
    SEEN,
    PresenceLimits,
    delete_expired_presences,
    find_presence,
    list_presences,
    remove_presence,
    save_presence,
)
from app.store.tables import PresenceRow
from tests.record import Record
from tests.strategies import START


def _visit(record: Record, visit: str, name: str = "Ada", after: float = 0) -> PresenceRow:
    seen_at = START + timedelta(seconds=after)
    return PresenceRow(
        coverage=record.slug, visit=visit, caller="key:1", name=name, entry_id=None, seen_at=seen_at
    )


async def test_who_was_seen_lately_is_listed_by_name(store: Store) -> None:
    """For as long as a visit counts, and not a millisecond longer."""
    record = await Record(store).open()
    async with store.writing() as session:
        for visit, name, after in ("b", "Ben", 1), ("a", "Ada", 0), ("c", "Ben", 2):
            await save_presence(session, _visit(record, visit, name, after))
    for late, here in (0, ["a", "b", "c"]), (1, ["c"]), (2, []):
        now = START + SEEN + timedelta(seconds=late) - timedelta(milliseconds=not late)
        async with store.reading() as session:
            found = [row.visit for row in await list_presences(session, record.slug, now)]
        assert found == here
    async with store.writing() as session:
        await delete_expired_presences(session, START + SEEN + timedelta(seconds=1))
    async with store.reading() as session:
        assert list(await session.exec(select(PresenceRow.visit))) == ["c"]


async def test_a_visit_is_kept_once(store: Store) -> None:
    """The last word counts; removed, it is gone."""
    record = await Record(store).open()
    for entry_id in None, "e1", "e2":
        row = _visit(record, "tab")
        row.entry_id = entry_id
        async with store.writing() as session:
            await save_presence(session, row)
    async with store.reading() as session:
        found = await find_presence(session, record.slug, "tab")
    assert found is not None
    assert found.entry_id == "e2"
    async with store.writing() as session:
        await remove_presence(session, record.slug, "tab")
    async with store.reading() as session:
        assert await find_presence(session, record.slug, "tab") is None


@pytest.mark.parametrize("database", ["postgresql"])
async def test_a_visit_that_comes_twice_at_once_is_one(store: Store) -> None:
    """Two lines of one tab do not trip over each other."""
    record = await Record(store).open()

    async def come_again() -> None:
        async with store.writing() as session:
            await save_presence(session, _visit(record, "tab", "Ben"))

    async with store.writing() as session:
        await save_presence(session, _visit(record, "tab", "Ada"))
        coming = asyncio.create_task(come_again())
        while not await _waits(store):
            pass
    await coming
    async with store.reading() as session:
        (row,) = await list_presences(session, record.slug, START)
    assert row.name == "Ben"


async def _waits(store: Store) -> bool:
    """Whether somebody waits for another's transaction."""
    async with store.reading() as session:
        waiting = await session.exec(text("SELECT count(*) FROM pg_locks WHERE NOT granted"))  # type: ignore[call-overload]
        return bool(waiting.scalar_one())


@pytest.mark.parametrize(
    ("limits", "kept"),
    [
        (PresenceLimits(caller=3), {("a", 3), ("b", 3)}),
        (PresenceLimits(coverage=4), {("a", 0), ("b", 4)}),
        (PresenceLimits(most=5), {("a", 0), ("b", 5)}),
    ],
)
async def test_visits_are_bounded_by_caller_coverage_and_in_all(
    store: Store, limits: PresenceLimits, kept: set[tuple[str, int]]
):
    """Kind: a list that one caller fills. The ones that were seen longest ago go, never the new."""
    slug = (await Record(store).open()).slug
    for number in range(16):
        caller = "ab"[number // 8]
        row = PresenceRow(
            coverage=slug,
            visit=f"v{number}",
            caller=caller,
            name=caller,
            entry_id=None,
            seen_at=START + timedelta(milliseconds=number),
        )
        async with store.writing() as session:
            await save_presence(session, row, limits)
            assert await find_presence(session, slug, row.visit) is not None
    async with store.reading() as session:
        found = [row.caller for row in await list_presences(session, slug, START)]
    assert {(caller, found.count(caller)) for caller in "ab"} == kept
