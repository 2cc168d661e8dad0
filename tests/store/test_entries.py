"""Promises of the entries in the record, in both databases."""

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
from app.timeline import change as rules
from app.timeline.entry import Entry
from app.timeline.errors import UnknownEntry
from app.timeline.selection import Selection
from tests.record import EVERYTHING, Record, keep_draft
from tests.strategies import START, Action, entries, entry_fields

LATER = START + timedelta(hours=1)
together = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=settings.default.max_examples // 4,  # each writes a coverage of its own
)


def draft(record: Record, name: str, **rest: object) -> Entry:
    """A draft of that coverage."""
    given = {"status": "draft", "updated_at": START, "language": "en", "headline": name, **rest}
    return Entry(id=name, coverage=record.slug, **given)  # type: ignore[arg-type]


@pytest.fixture
async def record(store: Store) -> Record:
    """An open coverage."""
    return await Record(store).open()


@together
@given(entries(), entry_fields())
async def test_an_entry_is_found_as_it_was_saved(store: Store, entry: Entry, fields):
    """Whatever words it has, the first time and the next."""
    record = await Record(store).open()
    entry = replace(entry, coverage=record.slug, seq=1 if entry.is_public else None)
    for state in (entry, replace(entry, **fields), entry):
        await keep_draft(store, state)
        async with store.reading() as session:
            assert await find_entry(session, record.slug, entry.id) == state


@pytest.mark.parametrize("name", ["unknown", "", "\x00", "a/b", "x" * 500, "'; --", "💥"])
async def test_what_is_not_there_is_said_so(record: Record, name: str):
    """Whatever was asked for; no question makes the database fail."""
    await record.publish("One")
    async with record.store.reading() as session:
        for find in (find_entry, find_public_entry):
            with pytest.raises(UnknownEntry):
                await find(session, record.slug, name)
            with pytest.raises(UnknownEntry):
                await find(session, "unknown", "n1")
        for question in (Selection(before=name), Selection(after=name)):
            with pytest.raises(UnknownEntry):
                await read_page(session, record.slug, question)


async def test_readers_do_not_find_a_draft(record: Record):
    """A tombstone they do."""
    await keep_draft(record.store, draft(record, "hidden"))
    entry = await record.publish("One")
    stone = await record.retract(entry)
    async with record.store.reading() as session:
        assert await find_public_entry(session, record.slug, entry.id) == stone
        assert (await find_entry(session, record.slug, "hidden")).status == "draft"
        with pytest.raises(UnknownEntry):
            await find_public_entry(session, record.slug, "hidden")


@together
@given(st.integers(-2, 2), st.booleans())
async def test_no_embargoed_byte_leaves_before_its_time(store: Store, seconds: int, plan: bool):
    """Law 5: no page, event or list of what is due has it, and then all of them have."""
    record = await Record(store).open()
    secret = f"embargoed-{record.slug}"
    status = "scheduled" if plan else "draft"
    lifts = LATER if plan else None
    hidden = draft(record, "e", status=status, headline=secret, tags=(secret,), embargo_until=lifts)
    await keep_draft(store, hidden)
    await record.publish("Public")
    assert secret not in await public_bytes(record)
    now = LATER + timedelta(seconds=seconds)
    async with store.reading() as session:
        due = (record.slug, "e", LATER) in await list_due(session, now)
    assert due == (plan and seconds >= 0)
    if due:
        async with store.writing() as session:
            await record_change(session, rules.publish(record.desk.coverage, hidden, now))
        assert secret in await public_bytes(record)
        async with store.reading() as session:
            assert (record.slug, "e", LATER) not in await list_due(session, now)


async def public_bytes(record: Record) -> str:
    """All that readers get of a coverage, by a page, by the journal and by its tags."""
    form = PublicJson("")
    async with record.store.reading() as session:
        page = await read_page(session, record.slug, Selection(limit=EVERYTHING))
        start = record.desk.coverage.cursor.at(0)
        events = await read_since(session, record.slug, start, EVERYTHING)
    shown = [form.entry(e) for e in page.entries], [form.event(e) for e in events]
    return dump_json(shown).decode()


async def test_what_is_due_comes_in_the_order_of_its_embargo(record: Record):
    """Of a planned or closed coverage nothing is due."""
    other = Record(record.store)
    async with record.store.writing() as session:
        await add_coverage(session, other.desk.coverage)
    for where in (record, other):
        for minutes, name in ((3, "c"), (1, "a"), (2, "b"), (90, "later")):
            until = START + timedelta(minutes=minutes)
            await keep_draft(
                record.store, draft(where, name, status="scheduled", embargo_until=until)
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
    """Those of this coverage, so many at most."""
    published = [await record.publish(name) for name in ("One", "Two", "Three", "Four")]
    stones = []
    for entry in (published[1], published[3], published[0]):
        record.desk.now += timedelta(minutes=1)
        stones.insert(0, await record.retract(entry))
    other = await Record(record.store).open()
    await other.retract(await other.publish("Elsewhere"))
    async with record.store.reading() as session:
        assert await list_tombstones(session, record.slug, 100) == stones
        assert await list_tombstones(session, record.slug, 2) == stones[:2]


async def test_drafts_are_listed_last_saved_first(record: Record):
    """A contributor's are only their own; public entries are none."""
    await record.publish("Public")
    for minute, (name, author) in enumerate([("a", "key:1"), ("b", "key:2"), ("c", "key:1")]):
        at = START + timedelta(minutes=minute)
        await keep_draft(record.store, draft(record, name, author=author, updated_at=at))
    scheduled = draft(record, "d", status="scheduled", embargo_until=LATER, author="key:2")
    await keep_draft(record.store, scheduled)
    async with record.store.reading() as session:
        everybodys = [e.id for e in await list_drafts(session, record.slug)]
        own = [e.id for e in await list_drafts(session, record.slug, "key:1")]
        nobodys = await list_drafts(session, record.slug, "key:3")
    assert everybodys == ["c", "b", "a", "d"]
    assert own == ["c", "a"]
    assert nobodys == []


async def test_a_forgotten_draft_is_gone(record: Record):
    """Another of the same name elsewhere stays."""
    other = await Record(record.store).open()
    for where in (record, other):
        await keep_draft(record.store, draft(where, "d"))
    async with record.store.writing() as session:
        await remove_entry(session, draft(record, "d"))
    async with record.store.reading() as session:
        with pytest.raises(UnknownEntry):
            await find_entry(session, record.slug, "d")
        assert (await find_entry(session, other.slug, "d")).coverage == other.slug


async def test_a_tag_given_twice_is_one(record: Record):
    """An import's file may repeat it; the entry is shown once."""
    await record.publish("One", tags=("moon", "eagle", "moon"))
    async with record.store.reading() as session:
        page = await read_page(session, record.slug, Selection(tag="moon"))
    assert [entry.headline for entry in page.entries] == ["One"]


async def test_a_tag_finds_an_entry_for_as_long_as_it_has_it(record: Record):
    """Not before publication, and neither after it was taken away nor after a retraction."""
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
    """A page shows only its own."""
    other = await Record(record.store).open()
    await record.publish("Here", tags=("moon",))
    await other.publish("There", tags=("moon",))
    for where, headline in ((record, "Here"), (other, "There")):
        async with record.store.reading() as session:
            page = await read_page(session, where.slug, Selection(tag="moon"))
            assert (await find_entry(session, where.slug, "n1")).headline == headline
        assert [entry.headline for entry in page.entries] == [headline]


async def test_saving_needs_no_order(record: Record):
    """Of two saves in one transaction the last one stands."""
    async with record.store.writing() as session:
        await save_entry(session, draft(record, "d"))
        await save_entry(session, draft(record, "d", headline="again", revision=2))
    async with record.store.reading() as session:
        found = await find_entry(session, record.slug, "d")
    assert (found.headline, found.revision) == ("again", 2)
