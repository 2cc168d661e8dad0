"""Presence in the database, on SQLite and PostgreSQL."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from app.store.engine import Store
from app.store.presence import (
    SEEN,
    PresenceLimits,
    PresenceRow,
    delete_expired_presences,
    find_presence,
    list_presences,
    remove_presence,
    save_presence,
)
from tests.record import Record
from tests.strategies import START


def _visit(record: Record, visit: str, name: str = "Ada", after: float = 0) -> PresenceRow:
    seen_at = START + timedelta(seconds=after)
    return PresenceRow(
        coverage=record.slug, visit=visit, caller="key:1", name=name, entry_id=None, seen_at=seen_at
    )


async def test_who_was_seen_lately_is_listed_by_name(store: Store) -> None:
    """A visit is listed by name for exactly as long as it counts."""
    record = await Record(store).open()
    async with store.writing() as session:
        for visit, name, after in ("b", "Ben", 1), ("a", "Ada", 0), ("c", "Ben", 2):
            await save_presence(session, _visit(record, visit, name, after))
    for late, expected_visits in (0, ["a", "b", "c"]), (1, ["c"]), (2, []):
        now = START + SEEN + timedelta(seconds=late) - timedelta(milliseconds=not late)
        async with store.reading() as session:
            visits = [row.visit for row in await list_presences(session, record.slug, now)]
        assert visits == expected_visits
    async with store.writing() as session:
        await delete_expired_presences(session, START + SEEN + timedelta(seconds=1))
    async with store.reading() as session:
        assert list(await session.exec(select(PresenceRow.visit))) == ["c"]


async def test_a_visit_is_kept_once(store: Store) -> None:
    """A visit is one row with its last state, and can be removed."""
    record = await Record(store).open()
    for entry_id in None, "e1", "e2":
        row = _visit(record, "tab")
        row.entry_id = entry_id
        async with store.writing() as session:
            await save_presence(session, row)
    async with store.reading() as session:
        presence = await find_presence(session, record.slug, "tab")
    assert presence is not None
    assert presence.entry_id == "e2"
    async with store.writing() as session:
        await remove_presence(session, record.slug, "tab")
    async with store.reading() as session:
        assert await find_presence(session, record.slug, "tab") is None


@pytest.mark.parametrize("database", ["postgresql"])
async def test_a_visit_that_comes_twice_at_once_is_one(store: Store) -> None:
    """Two transactions that save the same visit leave one row, and neither fails."""
    record = await Record(store).open()

    async def save_again() -> None:
        async with store.writing() as session:
            await save_presence(session, _visit(record, "tab", "Ben"))

    async with store.writing() as session:
        await save_presence(session, _visit(record, "tab", "Ada"))
        saving = asyncio.create_task(save_again())
        while not await _has_waiting_lock(store):
            pass
    await saving
    async with store.reading() as session:
        (row,) = await list_presences(session, record.slug, START)
    assert row.name == "Ben"


async def _has_waiting_lock(store: Store) -> bool:
    """Whether a transaction waits for the lock of another."""
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
    """Unbounded lists: beyond a limit the visits that were seen longest ago are deleted."""
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
        callers = [row.caller for row in await list_presences(session, slug, START)]
    assert {(caller, callers.count(caller)) for caller in "ab"} == kept
