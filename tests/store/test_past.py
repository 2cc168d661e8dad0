"""Pages of the past on SQLite and PostgreSQL: as of any event, they are what the fold says."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.store.engine import Store
from app.store.past import find_coverage_as_of, read_key_events_as_of, read_page_as_of
from app.timeline.coverage import KeyEvent
from app.timeline.entry import Place
from app.timeline.errors import UnknownEntry
from app.timeline.fold import Page, fold
from app.timeline.selection import Selection, select_entries
from tests.record import EVERYTHING, Record, store_whole
from tests.strategies import Action, actions, selections, series

# Many changes of few entries, so that most cuts have entries with other facets than now.
_CHANGES = actions("publish", *["amend"] * 5, "correct", "retract")
HISTORIES = series(actions(), 20) | series(_CHANGES, 20)
# Each filter alone finds much more than filters that are drawn together.
FILTERS = [
    Selection(EVERYTHING, key_events=True),
    Selection(EVERYTHING, places=True),
    Selection(EVERYTHING, tag="moon"),
    Selection(1, tag="eagle"),
    Selection(1, lang="en"),
    Selection(1, tag="moon", before="n2"),
    Selection(1, key_events=True, after="n2"),
]
# All examples of a test share its store; each works on a coverage of its own.
shared_store = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=settings.default.max_examples // 4,  # each example writes a coverage of its own
)


def page_as_of(record: Record, seq: int) -> Page | None:
    """The page that the stored journal folds to after an event."""
    return fold(None, record.desk.journal[:seq])


def listed_key_events(page: Page | None) -> list[KeyEvent]:
    """The key events of a page, those of one time in the order of their seqs."""
    listed = page.coverage.key_events if page else ()

    def order(key_event: KeyEvent) -> tuple[object, object]:
        assert page
        return key_event.published_at, page.entries[key_event.entry_id].seq

    return sorted(listed, key=order)  # type: ignore[arg-type]


async def facets_rows(store: Store, slug: str) -> list[tuple[object, ...]]:
    """All rows of a coverage in the table of earlier facets, without the slug."""
    async with store.reading() as session:
        connection = await session.connection()
        query = text("SELECT * FROM earlier_facets WHERE coverage = :slug")
        found = (await connection.execute(query, {"slug": slug})).mappings().all()
    return sorted(tuple(str(each) for each in ({**row, "coverage": ""}).items()) for row in found)


@shared_store
@given(HISTORIES, st.data())
async def test_a_page_as_of_any_event_is_selected_from_the_fold(
    store: Store, history: list[Action], data: st.DataObject
):
    """Every selection as of an event finds what it finds among the entries of the fold."""
    record = await (await Record(store).open()).act_all(history)
    ids = st.sampled_from([*record.desk.entries, "unknown"])
    seqs = st.integers(0, len(record.desk.journal))
    for seq in data.draw(st.lists(seqs, min_size=1, max_size=4)):
        page = page_as_of(record, seq)
        entries = list(page.entries.values()) if page else []
        for selection in [*FILTERS, *data.draw(st.lists(selections(ids), max_size=5))]:
            async with store.reading() as session:
                try:
                    expected = select_entries(entries, selection)
                except UnknownEntry:
                    with pytest.raises(UnknownEntry):
                        await read_page_as_of(session, record.slug, seq, selection)
                else:
                    found = await read_page_as_of(session, record.slug, seq, selection)
                    assert found == expected


@shared_store
@given(HISTORIES)
async def test_a_coverage_as_of_any_event_is_that_of_the_fold(store: Store, history: list[Action]):
    """After each event the coverage's own fields and its key events are those of the fold."""
    record = await (await Record(store).open()).act_all(history)
    for seq in range(len(record.desk.journal) + 1):
        cursor = record.desk.coverage.cursor.at(seq)
        page = page_as_of(record, seq)
        async with store.reading() as session:
            found = await find_coverage_as_of(session, record.slug, cursor)
            key_events = await read_key_events_as_of(session, record.slug, seq)
        own = {"entry_count": 0, "pinned": None, "summary": None, "key_events": ()}
        assert found == (page and replace(page.coverage, **own))  # type: ignore[arg-type]
        assert list(key_events) == listed_key_events(page)


@shared_store
@given(HISTORIES)
async def test_an_import_rebuilds_the_facets_that_the_writes_left(
    store: Store, history: list[Action]
):
    """The earlier facets follow from the journal: an import of it makes the rows of the writes."""
    record = await (await Record(store).open()).act_all(history)
    copy = Record(store).slug
    events = [
        replace(
            event,
            coverage=copy,
            entry=event.entry and replace(event.entry, coverage=copy),
            details=event.details and replace(event.details, slug=copy),
        )
        for event in record.desk.journal
    ]
    async with store.writing() as session:
        await store_whole(session, replace(record.desk.coverage, slug=copy), [], events)
    assert await facets_rows(store, copy) == await facets_rows(store, record.slug)


async def test_a_tag_finds_an_entry_as_of_the_events_at_which_it_had_it(store: Store):
    """An entry whose tag went and came back is found by it as of before and after, not between."""
    record = await Record(store).open()
    await record.publish("One", tags=("moon",))
    tags = [("sun",), ("sun", "moon"), (), ("moon",)]
    await record.act_all(Action("amend", which=0, fields={"tags": each}) for each in tags)
    found = []
    for seq in range(len(record.desk.journal) + 1):
        async with store.reading() as session:
            page = await read_page_as_of(session, record.slug, seq, Selection(tag="moon"))
        found.append(len(page.entries))
    assert found == [0, 0, 1, 0, 1, 0, 1]


async def test_earlier_tags_of_a_retracted_entry_are_gone(store: Store):
    """A retraction deletes the entry's earlier facets: its tags were its words."""
    record = await Record(store).open()
    entry = await record.publish("One", tags=("secret",))
    await record.act_all([Action("amend", which=0, fields={"tags": (), "place": Place("Moon")})])
    assert await facets_rows(store, record.slug)
    await record.retract(record.desk.entries[entry.id])
    assert await facets_rows(store, record.slug) == []


@pytest.mark.parametrize("tag", ["", "\u0301", "moon "])
async def test_a_tag_that_no_entry_had_finds_nothing(store: Store, tag: str):
    """A tag as of a time, the empty one too, finds only entries that had it."""
    record = await Record(store).open()
    await record.publish("One", tags=("moon",))
    await record.act_all([Action("amend", which=0, fields={"tags": ("sun",)})])
    async with store.reading() as session:
        everything = Selection(limit=EVERYTHING, tag=tag)
        assert (await read_page_as_of(session, record.slug, 2, everything)).entries == ()
