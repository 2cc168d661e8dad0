"""Each filter of entries is read by an index of its own, at the price of the wanted page."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.audit import list_audit
from app.store.corrections import list_corrections
from app.store.engine import Store
from app.store.entries import find_entries, list_drafts, list_tombstones, read_page
from app.timeline.selection import Selection

Read = Callable[[AsyncSession], Awaitable[Any]]
READS: dict[str, tuple[Read, str]] = {
    "entries of several coverages": (
        lambda session: find_entries(session, [("fire", "a"), ("fire", "b"), ("moon", "a")]),
        "sqlite_autoindex_entry_1",
    ),
    "drafts": (lambda session: list_drafts(session, "fire"), "entry_of_drafts"),
    "tombstones": (lambda session: list_tombstones(session, "fire", 10), "entry_of_tombstones"),
    "key events": (
        lambda session: read_page(session, "fire", Selection(key_events=True)),
        "entry_of_key_events",
    ),
    "places": (
        lambda session: read_page(session, "fire", Selection(places=True)),
        "entry_of_places",
    ),
    "tag": (lambda session: read_page(session, "fire", Selection(tag="a")), "entry_tag_by_seq"),
    "language": (
        lambda session: read_page(session, "fire", Selection(lang="RU")),
        "entry_by_language",
    ),
    "corrections": (lambda session: list_corrections(session, 10), "journal_of_faults_by_time"),
    "corrections of one": (
        lambda session: list_corrections(session, 10, "fire"),
        "journal_of_faults",
    ),
    "audit of a caller": (
        lambda session: list_audit(session, 10, caller="person:1"),
        "audit_by_caller",
    ),
    "audit of an action": (
        lambda session: list_audit(session, 10, before=99, action="coverage.withdrawn"),
        "audit_by_action",
    ),
}


@pytest.mark.parametrize("name", READS)
async def test_a_filter_has_an_index_in_its_order(tmp_path: Path, name: str):
    """A filter of entries, events or the audit uses its index, and sorts nothing."""
    read, index = READS[name]
    store = Store(f"sqlite:///{tmp_path}/dateline.db")
    await store.migrate()
    plans: list[str] = []

    def explain(connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        cursor = connection.connection.cursor()
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        plans.extend(row[3] for row in cursor.fetchall())
        cursor.close()

    event.listen(store._readers.sync_engine, "before_cursor_execute", explain)
    async with store.reading() as session:
        await read(session)
    await store.close()
    assert any(f"INDEX {index}" in step.split(" (")[0] for step in plans), plans
    assert not any("TEMP B-TREE" in step for step in plans), plans
    assert not any(step.startswith("SCAN entry") for step in plans), plans
