"""Promises of the audit's lines, in both databases."""

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


async def _told(store: Store) -> list[tuple[str, str | None, int]]:
    async with store.reading() as session:
        lines = await list_audit(session, 100)
    assert [line.at for line in lines] == sorted((line.at for line in lines), reverse=True)
    return [(line.name, line.thing, line.detail["times"]) for line in lines]


async def test_what_follows_within_ten_minutes_is_one_line(store: Store):
    """Each goes on from the last one; after a pause of ten minutes a new line begins."""
    span = MERGE_WINDOW.total_seconds() / 60
    for minutes in (0, 9, 18, 18 + span - 0.001, 18 + 2 * span):
        await _save(store, ANN, minutes)
    assert await _told(store) == [("Ann", "d", 1), ("Ann", "d", 4)]


async def test_another_thing_or_somebody_else_is_another_line(store: Store):
    """Two who type in turns at one draft are told in turns."""
    for caller, thing in (ANN, "d"), (ANN, "e"), (ANN, "d"), (BEN, "d"), (ANN, "d"), (ANN, None):
        await _save(store, caller, 0, thing)
    found = await _told(store)
    assert found[:4] == [("Ann", None, 1), ("Ann", "d", 1), ("Ben", "d", 1), ("Ann", "d", 2)]
    assert ("Ann", "e", 1) in found


async def test_lines_are_told_by_coverage_and_page(store: Store):
    """Newest first, older than a line that was seen, of these coverages only."""
    async with store.writing() as session:
        for number, slug in enumerate(["a", "b", None, "a"]):
            await record_audit(session, ANN, f"deed {number}", START, coverage=slug)
    async with store.reading() as session:
        whole = await list_audit(session, 3)
        rest = await list_audit(session, 3, before=whole[-1].id)
        of_a = await list_audit(session, 3, coverages=["a"])
        nothing = await list_audit(session, 3, coverages=[])
    assert [line.action for line in whole + rest] == ["deed 3", "deed 2", "deed 1", "deed 0"]
    assert [line.action for line in of_a] == ["deed 3", "deed 0"]
    assert nothing == []


async def test_an_undone_deed_leaves_no_line(store: Store):
    """It is written in the transaction of the deed."""

    async def undo() -> None:
        async with store.writing() as session:
            await record_audit(session, ANN, "deed", START)
            raise TimeoutError

    await asyncio.gather(undo(), return_exceptions=True)
    assert await _told(store) == []
