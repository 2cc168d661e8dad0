"""Tests of audit entries, in both databases."""

import asyncio
from datetime import timedelta

from app.access.audit import MERGE_WINDOW, list_audit, record_audit
from app.access.roles import Caller
from app.store.engine import Store
from tests.strategies import START

ANN, BEN = Caller("person:1", "Ann", "editor"), Caller("person:2", "Ben", "editor")


async def _save(store: Store, caller: Caller, minutes: float, thing: str | None = "d") -> None:
    now = START + timedelta(minutes=minutes)
    async with store.writing() as session:
        await record_audit(session, caller, "save", now, coverage="c", thing=thing, often=True)


async def _list_entries(store: Store) -> list[tuple[str, str | None, int]]:
    async with store.reading() as session:
        entries = await list_audit(session, 100)
    assert [entry.at for entry in entries] == sorted((entry.at for entry in entries), reverse=True)
    return [(entry.name, entry.thing, entry.detail["times"]) for entry in entries]


async def test_what_follows_within_ten_minutes_is_one_line(store: Store):
    """Repeated saves within ten minutes of the last one are merged into one audit entry."""
    span = MERGE_WINDOW.total_seconds() / 60
    for minutes in (0, 9, 18, 18 + span - 0.001, 18 + 2 * span):
        await _save(store, ANN, minutes)
    assert await _list_entries(store) == [("Ann", "d", 1), ("Ann", "d", 4)]


async def test_another_thing_or_somebody_else_is_another_line(store: Store):
    """A save of another thing or by another caller begins a new audit entry."""
    for caller, thing in (ANN, "d"), (ANN, "e"), (ANN, "d"), (BEN, "d"), (ANN, "d"), (ANN, None):
        await _save(store, caller, 0, thing)
    entries = await _list_entries(store)
    assert entries[:4] == [("Ann", None, 1), ("Ann", "d", 1), ("Ben", "d", 1), ("Ann", "d", 2)]
    assert ("Ann", "e", 1) in entries


async def test_lines_are_told_by_coverage_and_page(store: Store):
    """Audit entries are listed newest first, before an id, and of given coverages only."""
    async with store.writing() as session:
        for number, slug in enumerate(["a", "b", None, "a"]):
            await record_audit(session, ANN, f"deed {number}", START, coverage=slug)
    async with store.reading() as session:
        first_page = await list_audit(session, 3)
        second_page = await list_audit(session, 3, before=first_page[-1].id)
        of_a = await list_audit(session, 3, coverages=["a"])
        nothing = await list_audit(session, 3, coverages=[])
    assert [entry.action for entry in first_page + second_page] == [
        "deed 3",
        "deed 2",
        "deed 1",
        "deed 0",
    ]
    assert [entry.action for entry in of_a] == ["deed 3", "deed 0"]
    assert nothing == []


async def test_an_undone_deed_leaves_no_line(store: Store):
    """An audit entry is written in the caller's transaction and rolled back with it."""

    async def undo() -> None:
        async with store.writing() as session:
            await record_audit(session, ANN, "deed", START)
            raise TimeoutError

    await asyncio.gather(undo(), return_exceptions=True)
    assert await _list_entries(store) == []
