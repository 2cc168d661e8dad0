"""Each filter of entries is read by an index of its own, at the price of the wanted page."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.audit import list_audit
from app.store.corrections import list_corrections
from app.store.coverages import add_coverage, list_coverages, list_languages
from app.store.engine import Store
from app.store.entries import find_entries, list_drafts, list_tombstones, read_page
from app.store.journal import has_redaction, list_corrected
from app.store.net_changes import Page, Range, read_net_changes
from app.store.past import find_coverage_as_of, read_page_as_of, read_states_as_of
from app.store.updates import list_changed, list_parts
from app.timeline.coverage import Coverage
from app.timeline.cursor import Cursor
from app.timeline.selection import Selection
from tests.strategies import START

FIRE = Coverage("fire", "Fire", "live", "en", START, START, Cursor("e", 9))
Read = Callable[[AsyncSession], Awaitable[Any]]


def as_of(**members: Any) -> Read:
    """Return the reading of a page as of an event."""
    return lambda session: read_page_as_of(session, "fire", 9, Selection(**members))


AS_OF: dict[str, tuple[Read, str]] = {
    "page as of an event": (as_of(), "entry_by_seq"),
    "states as of an event": (
        lambda session: read_states_as_of(session, "fire", 9, ["a", "b"]),
        "journal_by_entry",
    ),
    "coverage as of an event": (
        lambda session: find_coverage_as_of(session, "fire", Cursor("e", 9)),
        "journal_by_entry",
    ),
    "key events as of an event": (as_of(key_events=True), "entry_of_key_events"),
    "places as of an event": (as_of(places=True), "entry_of_places"),
    "tag as of an event": (as_of(tag="a"), "entry_tag_by_seq"),
    "language as of an event": (as_of(lang="RU"), "entry_by_language"),
    "earlier facets": (as_of(tag="a", order="oldest"), "earlier_facets_by_seq"),
    "until, as of an event": (as_of(until=START), "entry_by_seq"),
}
LISTS: dict[str, tuple[Read, str]] = {
    "earlier coverages": (
        lambda session: list_coverages(session, ["closed"], 20, None, (), archived=False),
        "coverage_by_listing",
    ),
    "coverages of a language": (
        lambda session: list_coverages(session, ["closed"], 20, None, (), "ka", archived=False),
        "coverage_by_language",
    ),
    "news": (lambda session: list_changed(session, START, 1000), "coverage_by_update"),
    "parts of the sitemap": (list_parts, "coverage_by_part"),
    "languages of coverages": (list_languages, "coverage_by_language"),
}
BOUNDED: dict[str, tuple[Read, str]] = {
    "until": (
        lambda session: read_page(session, "fire", Selection(until=START)),
        "journal_by_time",
    ),
    "since": (
        lambda session: read_page(session, "fire", Selection(since=START, order="oldest")),
        "journal_by_time",
    ),
    "redactions": (lambda session: has_redaction(session, "fire", 9), "journal_of_faults"),
}
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
    **AS_OF,
    **LISTS,
    **BOUNDED,
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


async def plans_of(tmp_path: Path, read: Read) -> list[str]:
    """Return the plans of the statements that a reading executes on SQLite."""
    store = Store(f"sqlite:///{tmp_path}/dateline.db")
    await store.migrate()
    async with store.writing() as session:
        await add_coverage(session, FIRE)
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
    return plans


@pytest.mark.parametrize("name", READS)
async def test_a_filter_has_an_index_in_its_order(tmp_path: Path, name: str):
    """A filter of entries, events or the audit uses its index, and sorts nothing."""
    read, index = READS[name]
    plans = await plans_of(tmp_path, read)
    assert any(f"INDEX {index}" in step.split(" (")[0] for step in plans), plans
    assert not any("TEMP B-TREE" in step for step in plans), plans
    assert not any(step.startswith(("SCAN entry", "SCAN coverage")) for step in plans), plans


@pytest.mark.parametrize(
    ("read", "index"),
    [
        (lambda session: list_corrected(session, "fire", 20), "journal_of_faults"),
        (
            lambda session: read_net_changes(session, Range("fire", 0, 9), Page(0, 50)),
            "journal_of_changes",
        ),
    ],
    ids=["corrected entries", "net changes"],
)
async def test_events_that_are_few_have_an_index(tmp_path: Path, read: Read, index: str):
    """What is grouped or sorted is read from an index of such events, not from all of them."""
    plans = await plans_of(tmp_path, read)
    journal = [step for step in plans if step.startswith("SEARCH journal")]
    assert any(f"INDEX {index} " in step for step in journal), journal
    few = re.compile(r"INDEX journal_of_| AND (seq|entry_id)=\?")
    assert all(few.search(step) for step in journal), journal
    assert not any(step.startswith(("SCAN entry", "SCAN journal")) for step in plans), plans


async def test_postgresql_reads_the_past_and_lists_by_indexes(postgres_record: str):
    """PostgreSQL has an index in the order of each reading as of an event and of each list."""
    store = Store(postgres_record)
    async with store.writing() as session:
        await add_coverage(session, FIRE)
    plans: list[tuple[str, str]] = []

    def explain(connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        cursor = connection.connection.cursor()
        for method in ("seqscan", "bitmapscan", "sort", "incremental_sort"):
            cursor.execute(f"SET LOCAL enable_{method} = off")
        cursor.execute(f"EXPLAIN {statement}", parameters)
        plans.extend((statement, row[0].strip()) for row in cursor.fetchall())
        cursor.close()

    event.listen(store._readers.sync_engine, "before_cursor_execute", explain)
    async with store.reading() as session:
        for name, (read, _) in (AS_OF | LISTS | BOUNDED).items():
            plans.clear()
            await read(session)
            assert plans, name
            faults = [p for p in plans if re.search(r"Seq Scan|Sort|Bitmap", p[1])]
            assert not faults, (name, faults)
    await store.close()
