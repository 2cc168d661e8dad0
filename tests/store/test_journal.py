"""The journal on SQLite and PostgreSQL: order, atomicity, redaction, and the page it folds to."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.store import sqlite
from app.store.coverages import find_coverage
from app.store.engine import Store
from app.store.entries import find_entry, read_page
from app.store.journal import (
    find_last,
    lock_coverage,
    read_revisions,
    read_rows,
    read_since,
    record_change,
    row_event,
)
from app.timeline import change as rules
from app.timeline.claim import Assessment, Claim, Source
from app.timeline.entry import Entry
from app.timeline.errors import UnknownEntry
from app.timeline.figure import Figure
from app.timeline.fold import fold
from app.timeline.selection import Selection, Slice, select_entries
from tests.record import EVERYTHING, Record, publish_one, store_whole, stored_text
from tests.store.writer import publish_several
from tests.strategies import START, Action, actions, selections, series

HISTORIES = series(actions(), 20)
# All examples of a test share its store; each works on a coverage of its own.
shared_store = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=settings.default.max_examples // 4,  # each example writes a coverage of its own
)
full_page = Selection(limit=EVERYTHING)


@pytest.fixture
async def neighbour(store: Store, record_url: str) -> AsyncIterator[Store]:
    """A second store on the same database, as another process has one."""
    other = Store(record_url)
    yield other
    await other.close()


@shared_store
@given(HISTORIES)
async def test_a_page_folded_by_the_stream_is_a_fresh_page(store: Store, history: list[Action]):
    """Law 6: the stored coverage and entries are what the stored journal folds to."""
    record = await (await Record(store).open()).act_all(history)
    async with store.reading() as session:
        coverage = await find_coverage(session, record.slug)
        page = await read_page(session, record.slug, full_page)
        events = await read_since(session, record.slug, coverage.cursor.at(0), EVERYTHING)
    folded = fold(None, events)
    assert folded is not None
    assert folded == record.desk.page
    assert folded.coverage == coverage
    assert folded.entries == {entry.id: entry for entry in page.entries}
    assert events == record.desk.journal


@shared_store
@given(HISTORIES)
async def test_a_full_list_of_key_events_is_completed_from_the_store(
    store: Store, history: list[Action]
):
    """With more key events than a coverage lists, the stored list is that of the folded journal."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.timeline.coverage.MOST_KEY_EVENTS", 2)
        record = await (await Record(store).open()).act_all(history)
        folded = fold(None, await record.journal())
        async with store.reading() as session:
            stored = await find_coverage(session, record.slug)
    assert folded is not None
    assert folded.coverage == stored == record.desk.coverage


@shared_store
@given(HISTORIES, st.data())
async def test_a_page_of_any_selection_is_the_same_read_or_folded(
    store: Store, history: list[Action], data: st.DataObject
):
    """The database selects the same entries as `select_entries` does from the folded page."""
    record = await (await Record(store).open()).act_all(history)
    folded = fold(None, await record.journal())
    assert folded is not None
    ids = st.sampled_from([*record.desk.entries, "unknown", "no/id"])
    for selection in data.draw(st.lists(selections(ids), min_size=1, max_size=8)):
        expected: Slice | None = None
        with suppress(UnknownEntry):
            expected = select_entries(folded.entries.values(), selection)
        async with store.reading() as session:
            if expected is None:
                with pytest.raises(UnknownEntry):
                    await read_page(session, record.slug, selection)
            else:
                assert await read_page(session, record.slug, selection) == expected


@shared_store
@given(HISTORIES, st.data())
async def test_the_page_of_any_moment_is_the_journal_up_to_then(
    store: Store, history: list[Action], data: st.DataObject
):
    """The journal up to a time has exactly the events until then, those at that time included."""
    record = await (await Record(store).open()).act_all(history)
    moment = data.draw(st.sampled_from([event.at for event in record.desk.journal]))
    async with store.reading() as session:
        last = await find_last(session, record.slug, moment)
        rows = await read_rows(session, record.slug, 0, last)
    events = [row_event(row, record.slug, "e1") for row in rows]
    assert events == [event for event in record.desk.journal if event.at <= moment]
    assert events == record.desk.journal[: len(events)]


@shared_store
@given(HISTORIES, st.integers(0, 30), st.integers(1, 10))
async def test_the_journal_is_read_in_pages_without_a_hole(
    store: Store, history: list[Action], after: int, limit: int
):
    """A page of the journal has the events after its cursor in order, and none at the head."""
    record = await (await Record(store).open()).act_all(history)
    head = record.desk.coverage.cursor
    async with store.reading() as session:
        events = await read_since(session, record.slug, head.at(after), limit)
        assert await read_since(session, record.slug, head, limit) == []
    assert events == record.desk.journal[after : after + limit]


@shared_store
@given(HISTORIES)
async def test_the_revisions_of_an_entry_are_those_that_it_had(store: Store, history: list[Action]):
    """An entry's revisions are those that were published, oldest first; a tombstone has none."""
    record = await (await Record(store).open()).act_all(history)
    for entry in record.desk.page.entries.values():
        async with store.reading() as session:
            revisions = await read_revisions(session, entry)
        kinds = {"entry.published", "entry.amended", "entry.corrected", "entry.assessed"}
        published = [
            event.entry
            for event in record.desk.sent
            if event.entry and event.entry.id == entry.id and event.type in kinds
        ]
        assert revisions == ([] if entry.status == "retracted" else published)


@shared_store
@given(series(actions("publish", "amend", "correct", "assess", "pin", "change", "draft"), 12))
async def test_no_retracted_word_is_left_in_the_record(store: Store, history: list[Action]):
    """Law 5: retracted text is in no table of the database."""
    record = await Record(store).open()
    secret = f"cassiopeia-{record.slug}-"  # the slug distinguishes it from that of other examples
    source = Source(secret, secret)
    at = record.desk.now
    past = (Assessment("reported", secret, at),)
    entry = await record.publish(
        secret,
        tags=(secret,),
        key_event=True,
        claims=(Claim("c1", secret, source, "disputed", secret, at, past),),
        figures=(Figure(secret, source, group=secret, text=secret, note=secret),),
    )
    await record.act_all([Action("amend", fields={"headline": secret + "again"}), *history])
    assert secret in await stored_text(store)
    await record.retract(entry)
    assert secret not in await stored_text(store)


async def test_many_writers_leave_no_hole_and_commit_in_order(store: Store, neighbour: Store):
    """A reader that follows the journal while two stores write sees every seq in order."""
    record = await Record(store).open()
    count = 40
    follower = asyncio.create_task(_follow(neighbour, record.slug, count + 1))
    writers = [store, neighbour] * (count // 2)
    seqs = await asyncio.gather(
        *(publish_one(s, record.slug, f"w{n}") for n, s in enumerate(writers))
    )
    assert sorted(seqs) == list(range(2, count + 2))
    assert await follower == list(range(1, count + 2))
    folded = fold(None, await record.journal())
    async with store.reading() as session:
        assert folded is not None
        assert folded.coverage == await find_coverage(session, record.slug)
    assert folded.coverage.entry_count == count


async def _follow(store: Store, slug: str, last: int) -> list[int]:
    seqs: list[int] = []
    while not seqs or seqs[-1] < last:
        async with store.reading() as session:
            head = (await find_coverage(session, slug)).cursor
            events = await read_since(session, slug, head.at(seqs[-1] if seqs else 0), EVERYTHING)
        seqs += [event.seq for event in events]
        # The head and the journal belong to the same snapshot.
        assert seqs[-1:] == [head.seq]
    return seqs


async def test_writers_in_processes_of_their_own_leave_no_hole(store: Store, record_url: str):
    """Writers in several processes leave no gap in the seqs."""
    record = await Record(store).open()
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(2, get_context("forkserver")) as pool:
        writers = [
            loop.run_in_executor(pool, publish_several, record_url, record.slug, name, 15)
            for name in ("a", "b")
        ]
        for number in range(15):
            await publish_one(store, record.slug, f"c{number}")
        await asyncio.gather(*writers)
    events = await record.journal()
    assert [event.seq for event in events] == list(range(1, 47))
    folded = fold(None, events)
    assert folded is not None
    assert folded.coverage.entry_count == 45


async def test_writers_of_different_coverages_do_not_mix(store: Store):
    """Concurrent writers of two coverages leave each with its own seqs."""
    first, second = await Record(store).open(), await Record(store).open()
    slugs = [first.slug, second.slug] * 10
    await asyncio.gather(*(publish_one(store, slug, f"w{n}") for n, slug in enumerate(slugs)))
    for record in (first, second):
        assert [event.seq for event in await record.journal()] == list(range(1, 12))


async def test_a_transaction_that_fails_leaves_nothing(store: Store):
    """A failed transaction leaves no event, entry or head, and the next one gets its seq."""
    record = await Record(store).open()

    async def fail() -> None:
        async with store.writing() as session:
            coverage = await lock_coverage(session, record.slug)
            draft = Entry("gone", record.slug, "draft", START, "en", headline="Undone")
            await record_change(session, rules.publish(coverage, draft, START))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with store.reading() as session:
        assert (await find_coverage(session, record.slug)).cursor.seq == 1
        with pytest.raises(UnknownEntry):
            await find_entry(session, record.slug, "gone")
    assert "Undone" not in await stored_text(store)
    assert await publish_one(store, record.slug, "next") == 2


async def test_a_writer_that_is_cut_off_leaves_all_or_nothing(store: Store, monkeypatch):
    """A cancelled writer commits everything or nothing, and does not block the next one."""
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT", 500)  # milliseconds until a blocked writer fails
    record = await Record(store).open()
    for turn in range(60):
        writer = asyncio.create_task(publish_one(store, record.slug, f"cut-{turn}"))
        await asyncio.sleep(turn * 0.0001)
        writer.cancel()
        await asyncio.wait({writer})
        await publish_one(store, record.slug, f"next-{turn}")
    events = await record.journal()
    folded = fold(None, events)
    async with store.reading() as session:
        assert folded is not None
        assert folded.coverage == await find_coverage(session, record.slug)
        page = await read_page(session, record.slug, full_page)
    assert folded.entries == {entry.id: entry for entry in page.entries}
    assert {f"next-{turn}" for turn in range(60)} <= folded.entries.keys()


async def test_a_reader_sees_one_moment(store: Store, neighbour: Store):
    """A read transaction sees one snapshot, whatever is committed between its queries."""
    record = await Record(store).open()
    await publish_one(store, record.slug, "before")
    async with store.reading() as session:
        head = (await find_coverage(session, record.slug)).cursor
        await publish_one(neighbour, record.slug, "between")
        await publish_one(store, record.slug, "between-2")
        page = await read_page(session, record.slug, full_page)
        events = await read_since(session, record.slug, head.at(0), EVERYTHING)
    assert head.seq == 2
    assert [entry.id for entry in page.entries] == ["before"]
    assert [event.seq for event in events] == [1, 2]
    async with store.reading() as session:
        assert (await find_coverage(session, record.slug)).cursor.seq == 4


async def test_a_reader_does_not_hold_writers_up(store: Store):
    """An open read transaction does not block a writer, nor a writer a reader."""
    record = await Record(store).open()
    async with store.reading() as long_session:
        await find_coverage(long_session, record.slug)
        async with store.writing() as session:
            coverage = await lock_coverage(session, record.slug)
            async with store.reading() as short_session:
                assert await find_coverage(short_session, record.slug) == coverage
        async with asyncio.timeout(30):
            await publish_one(store, record.slug, "meanwhile")


@shared_store
@given(HISTORIES)
async def test_a_whole_journal_can_be_recorded_at_once(store: Store, history: list[Action]):
    """A whole journal can be recorded at once, as an import does, and is read back unchanged."""
    record = Record(store)
    desk = record.desk.act_all(history)
    all_entries = list(desk.entries.values())
    async with store.writing() as session:
        await store_whole(session, desk.coverage, all_entries, desk.journal)
    assert await record.journal() == desk.journal
    async with store.reading() as session:
        page = await read_page(session, record.slug, full_page)
        assert {entry.id: entry for entry in page.entries} == desk.page.entries


async def test_a_long_journal_is_recorded_in_batches(store: Store):
    """A journal longer than one statement is recorded in batches; other tasks run meanwhile."""
    record = Record(store)
    history = [Action("publish", fields={"headline": f"{n}"}, late=1) for n in range(1_200)]
    desk = record.desk.act_all(history)
    turns = 0

    async def work_meanwhile() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    async with store.writing() as session:
        meanwhile = asyncio.create_task(work_meanwhile())
        await store_whole(session, desk.coverage, [], desk.journal)
        meanwhile.cancel()
    assert turns > len(desk.journal) / 100, "no other task ran"
    assert [event.seq for event in await record.journal()] == list(range(1, 1_202))
