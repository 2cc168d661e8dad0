"""Entries in the database, on SQLite and PostgreSQL."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.formats.public_json import PublicJson, dump_json
from app.store.coverages import add_coverage
from app.store.engine import Store
from app.store.entries import (
    find_entry,
    find_public_entry,
    list_drafts,
    list_due,
    list_tombstones,
    read_page,
    remove_entry,
    save_entry,
)
from app.store.journal import read_since, record_change
from app.store.past import read_page_as_of
from app.timeline import change as rules
from app.timeline.entry import Entry
from app.timeline.errors import UnknownEntry
from app.timeline.fold import fold
from app.timeline.selection import Selection, select_entries
from tests.record import EVERYTHING, Record, keep_draft, store_whole
from tests.strategies import START, Action, actions, entries, entry_fields, series

LATER = START + timedelta(hours=1)
HISTORIES = series(actions("publish", "publish", "amend", "retract"), 12)
shared_store = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=settings.default.max_examples // 4,  # each example writes a coverage of its own
)


def draft(record: Record, name: str, **overrides: object) -> Entry:
    """A draft in the record's coverage."""
    fields = {
        "status": "draft",
        "updated_at": START,
        "language": "en",
        "headline": name,
        **overrides,
    }
    return Entry(id=name, coverage=record.slug, **fields)  # type: ignore[arg-type]


@pytest.fixture
async def record(store: Store) -> Record:
    """An open coverage."""
    return await Record(store).open()


@shared_store
@given(entries(), entry_fields())
async def test_an_entry_is_found_as_it_was_saved(store: Store, entry: Entry, fields):
    """An entry is read as it was saved last, whatever its text."""
    record = await Record(store).open()
    entry = replace(entry, coverage=record.slug, seq=1 if entry.is_public else None)
    for state in (entry, replace(entry, **fields), entry):
        await keep_draft(store, state)
        async with store.reading() as session:
            assert await find_entry(session, record.slug, entry.id) == state


@pytest.mark.parametrize("name", ["unknown", "", "\x00", "a/b", "x" * 500, "'; --", "💥"])
async def test_what_is_not_there_is_said_so(record: Record, name: str):
    """Any unknown id raises UnknownEntry, and none causes a database error."""
    await record.publish("One")
    async with record.store.reading() as session:
        for find in (find_entry, find_public_entry):
            with pytest.raises(UnknownEntry):
                await find(session, record.slug, name)
            with pytest.raises(UnknownEntry):
                await find(session, "unknown", "n1")
        for selection in (Selection(before=name), Selection(after=name)):
            with pytest.raises(UnknownEntry):
                await read_page(session, record.slug, selection)


async def test_readers_do_not_find_a_draft(record: Record):
    """Readers do not find a draft, but they find a tombstone."""
    await keep_draft(record.store, draft(record, "hidden"))
    entry = await record.publish("One")
    tombstone = await record.retract(entry)
    async with record.store.reading() as session:
        assert await find_public_entry(session, record.slug, entry.id) == tombstone
        assert (await find_entry(session, record.slug, "hidden")).status == "draft"
        with pytest.raises(UnknownEntry):
            await find_public_entry(session, record.slug, "hidden")


@shared_store
@given(st.integers(-2, 2), st.booleans())
async def test_no_embargoed_byte_leaves_before_its_time(
    store: Store, seconds: int, is_scheduled: bool
):
    """Law 5: before its embargo is over, an entry is in no page, event or list of due entries."""
    record = await Record(store).open()
    secret = f"embargoed-{record.slug}"
    status = "scheduled" if is_scheduled else "draft"
    embargo_until = LATER if is_scheduled else None
    hidden = draft(
        record, "e", status=status, headline=secret, tags=(secret,), embargo_until=embargo_until
    )
    await keep_draft(store, hidden)
    await record.publish("Public")
    assert secret not in await public_bytes(record)
    now = LATER + timedelta(seconds=seconds)
    async with store.reading() as session:
        due = (record.slug, "e", LATER) in await list_due(session, now)
    assert due == (is_scheduled and seconds >= 0)
    if due:
        async with store.writing() as session:
            await record_change(session, rules.publish(record.desk.coverage, hidden, now))
        assert secret in await public_bytes(record)
        async with store.reading() as session:
            assert (record.slug, "e", LATER) not in await list_due(session, now)


async def public_bytes(record: Record) -> str:
    """All that readers get of a coverage as JSON: its page and its journal."""
    public_json = PublicJson("")
    async with record.store.reading() as session:
        page = await read_page(session, record.slug, Selection(limit=EVERYTHING))
        start = record.desk.coverage.cursor.at(0)
        events = await read_since(session, record.slug, start, EVERYTHING)
    shown = [public_json.entry(e) for e in page.entries], [public_json.event(e) for e in events]
    return dump_json(shown).decode()


async def test_what_is_due_comes_in_the_order_of_its_embargo(record: Record):
    """Due entries are ordered by embargo; those of planned or closed coverages are never due."""
    other = Record(record.store)
    async with record.store.writing() as session:
        await add_coverage(session, other.desk.coverage)
    for target in (record, other):
        for minutes, name in ((3, "c"), (1, "a"), (2, "b"), (90, "later")):
            until = START + timedelta(minutes=minutes)
            await keep_draft(
                record.store, draft(target, name, status="scheduled", embargo_until=until)
            )
    async with record.store.reading() as session:
        assert await list_due(session, LATER) == [
            (record.slug, name, START + timedelta(minutes=minutes))
            for minutes, name in enumerate("abc", start=1)
        ]
    await record.act_all([Action("change", status="closed")])
    async with record.store.reading() as session:
        assert await list_due(session, LATER) == []


async def test_tombstones_are_listed_last_retracted_first(record: Record):
    """Tombstones of the coverage are listed, the last retracted one first, up to the limit."""
    published = [await record.publish(name) for name in ("One", "Two", "Three", "Four")]
    tombstones = []
    for entry in (published[1], published[3], published[0]):
        record.desk.now += timedelta(minutes=1)
        tombstones.insert(0, await record.retract(entry))
    other = await Record(record.store).open()
    await other.retract(await other.publish("Elsewhere"))
    async with record.store.reading() as session:
        assert await list_tombstones(session, record.slug, 100) == tombstones
        assert await list_tombstones(session, record.slug, 2) == tombstones[:2]


async def test_drafts_are_listed_last_saved_first(record: Record):
    """The last saved draft is first; a contributor gets only their own, and nobody public ones."""
    await record.publish("Public")
    for minute, (name, author) in enumerate([("a", "key:1"), ("b", "key:2"), ("c", "key:1")]):
        at = START + timedelta(minutes=minute)
        await keep_draft(record.store, draft(record, name, author=author, updated_at=at))
    author, earlier = "key:2", START - timedelta(minutes=1)
    scheduled = draft(
        record, "d", status="scheduled", embargo_until=LATER, author=author, updated_at=earlier
    )
    await keep_draft(record.store, scheduled)
    async with record.store.reading() as session:
        all_drafts = [e.id for e in await list_drafts(session, record.slug)]
        own_drafts = [e.id for e in await list_drafts(session, record.slug, "key:1")]
        other_drafts = await list_drafts(session, record.slug, "key:3")
    assert all_drafts == ["c", "b", "a", "d"]
    assert own_drafts == ["c", "a"]
    assert other_drafts == []


async def test_a_forgotten_draft_is_gone(record: Record):
    """A removed draft is gone, and one with the same id in another coverage is not."""
    other = await Record(record.store).open()
    for target in (record, other):
        await keep_draft(record.store, draft(target, "d"))
    async with record.store.writing() as session:
        await remove_entry(session, draft(record, "d"))
    async with record.store.reading() as session:
        with pytest.raises(UnknownEntry):
            await find_entry(session, record.slug, "d")
        assert (await find_entry(session, other.slug, "d")).coverage == other.slug


async def test_a_tag_given_twice_is_one(record: Record):
    """An entry with a repeated tag is listed once."""
    await record.publish("One", tags=("moon", "eagle", "moon"))
    async with record.store.reading() as session:
        page = await read_page(session, record.slug, Selection(tag="moon"))
    assert [entry.headline for entry in page.entries] == ["One"]


async def test_a_tag_finds_an_entry_for_as_long_as_it_has_it(record: Record):
    """A tag finds published entries that have it now, and no retracted ones or drafts."""
    await keep_draft(record.store, draft(record, "d", tags=("moon",)))
    await record.publish("One", tags=("moon",))
    await record.publish("Two", tags=("moon",))
    await record.publish("Three", tags=("moon",))
    await record.act_all([Action("amend", which=0, fields={"tags": ("sun",)})])
    await record.retract(record.desk.entries["n2"])
    async with record.store.reading() as session:
        page = await read_page(session, record.slug, Selection(tag="moon"))
    assert [entry.headline for entry in page.entries] == ["Three"]


async def test_entries_of_one_name_live_in_their_own_coverages(record: Record):
    """Entries with the same id in different coverages are kept apart."""
    other = await Record(record.store).open()
    await record.publish("Here", tags=("moon",))
    await other.publish("There", tags=("moon",))
    for target, headline in ((record, "Here"), (other, "There")):
        async with record.store.reading() as session:
            page = await read_page(session, target.slug, Selection(tag="moon"))
            assert (await find_entry(session, target.slug, "n1")).headline == headline
        assert [entry.headline for entry in page.entries] == [headline]


async def test_saving_needs_no_order(record: Record):
    """Of two saves in one transaction the last one counts."""
    async with record.store.writing() as session:
        await save_entry(session, draft(record, "d"))
        await save_entry(session, draft(record, "d", headline="again", revision=2))
    async with record.store.reading() as session:
        saved = await find_entry(session, record.slug, "d")
    assert (saved.headline, saved.revision) == ("again", 2)


@shared_store
@given(HISTORIES, st.lists(st.integers(-5, 5), min_size=9, max_size=9), st.data())
async def test_times_that_are_not_in_the_order_of_the_journal_are_selected(
    store: Store, history: list[Action], shifts: list[int], data: st.DataObject
):
    """`since` and `until` find the same in an imported journal whose entries have other times.

    So they do if the times are those of the events.
    """
    record = await (await Record(store).open()).act_all(history)
    slug = Record(store).slug
    shift = {
        name: timedelta(seconds=n) for name, n in zip(record.desk.entries, shifts, strict=False)
    }

    def copy(entry: Entry) -> Entry:
        assert entry.published_at is not None
        at = entry.published_at + shift.get(entry.id, timedelta())
        return replace(entry, coverage=slug, published_at=at)

    events = [
        replace(
            event,
            coverage=slug,
            entry=event.entry and copy(event.entry),
            details=event.details and replace(event.details, slug=slug),
        )
        for event in record.desk.journal
    ]
    page = fold(None, events)
    assert page is not None
    stored = list(page.entries.values())
    async with store.writing() as session:
        await store_whole(session, replace(record.desk.coverage, slug=slug), stored, events)
    near = st.integers(-10_000, 30_000).map(lambda ms: START + timedelta(milliseconds=ms))
    for since, until in data.draw(st.lists(st.tuples(near, near), min_size=1, max_size=8)):
        for each in (Selection(2, since=since), Selection(2, until=until, order="oldest")):
            async with store.reading() as session:
                assert await read_page(session, slug, each) == select_entries(stored, each)
                seq = page.coverage.cursor.seq
                assert await read_page_as_of(session, slug, seq, each) == select_entries(
                    stored, each
                )
