"""Media in the database, on SQLite and PostgreSQL: which entries show them, and their removal."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

import pytest

from app.store.coverages import add_coverage, save_availability
from app.store.engine import Store
from app.store.media import (
    HAS_FILE_TASKS,
    add_media,
    announce_copy,
    announce_media,
    delete_media,
    drop_unused,
    find_hiding,
    find_media,
    find_origin,
    find_withdrawn,
    finish_task,
    keep_media,
    list_tasks,
    read_task,
    record_lead,
)
from app.store.ownership import Owner, claim_media, find_owners, set_uploader
from app.store.tables import WithdrawnRow
from app.timeline.coverage import Coverage
from app.timeline.cursor import Cursor
from app.timeline.entry import Card, Entry, Media, Note, tombstone
from app.timeline.withdrawal import Withdrawal
from tests.record import Record, keep_draft
from tests.strategies import START

CURSOR = Cursor("e", 0)
A, B = Media("a" * 16, "image", "/media/a.jpg"), Media("b" * 16, "image", "/media/b.jpg")


@pytest.fixture
async def record(store: Store) -> Record:
    """An open coverage, and two pictures that entries can refer to."""
    async with store.writing() as session:
        for media in (A, B):
            await announce_media(session, media, START)
            await keep_media(session, media.id)
    return await Record(store).open()


def entry(record: Record, name: str, *media: Media, status: str = "published") -> Entry:
    """An entry with these media."""
    fields = {"seq": 2, "published_at": START} if status == "published" else {}
    return Entry(
        id=name,
        coverage=record.slug,
        status=status,  # type: ignore[arg-type]
        updated_at=START,
        language="en",
        headline=name,
        media=media,
        **fields,  # type: ignore[arg-type]
    )


async def save(store: Store, *entries: Entry) -> None:
    """Save each entry in a transaction of its own."""
    for entry_to_save in entries:
        await keep_draft(store, entry_to_save)


def retracted(published: Entry) -> Entry:
    """The entry's tombstone."""
    return tombstone(published, Note("Not so.", START))


async def tasks(store: Store) -> dict[str, str | None]:
    """The file tasks of both pictures."""
    async with store.reading() as session:
        return {m.id[0]: await read_task(session, m.id) for m in (A, B)}


async def find(store: Store, ids: Collection[str]) -> dict[str, Media]:
    """The media among these ids that entries can refer to."""
    async with store.reading() as session:
        return await find_media(session, ids)


async def test_media_are_stored_once_and_found_by_their_ids(store: Store):
    """Adding media again leaves the first version, and unknown ids are omitted."""
    first, second = Media("m1", "image", "/media/1.jpg", alt="a"), Media("m2", "video", "/2")
    async with store.writing() as session:
        await add_media(session, [first, first, second])
        await add_media(session, [replace(first, alt="another"), second])
        await add_media(session, [])
    async with store.reading() as session:
        assert await find_media(session, ["m1", "m2", "m3"]) == {"m1": first, "m2": second}
        assert await find_media(session, []) == {}


async def test_what_is_arriving_can_be_named_by_nobody(store: Store):
    """Announced media cannot be referred to until their files are kept, nor be deleted after."""
    media = replace(A, id="c" * 16)
    async with store.writing() as session:
        await announce_media(session, media, START)
    assert await find(store, [media.id]) == {}
    async with store.writing() as session:
        await keep_media(session, media.id, "avif")
        await delete_media(session, media.id)
    assert await find(store, [media.id]) == {media.id: media}
    async with store.reading() as session:
        assert await list_tasks(session, "avif") == [(media.id, "avif")]


async def test_a_retraction_withdraws_what_nothing_else_shows(record: Record):
    """A retraction withdraws its pictures, except those that another entry still shows."""
    first_entry, second = entry(record, "e1", A, B), entry(record, "e2", B)
    await save(record.store, first_entry, second, retracted(first_entry))
    assert await tasks(record.store) == {"a": "withdraw", "b": None}
    await save(record.store, retracted(second))
    assert await tasks(record.store) == {"a": "withdraw", "b": "withdraw"}
    assert await find(record.store, [A.id, B.id]) == {}


async def test_what_an_earlier_revision_showed_goes_with_the_entry(record: Record):
    """A picture of an earlier revision only is withdrawn with the entry, too."""
    first_entry = entry(record, "e1", A)
    await save(record.store, first_entry, replace(first_entry, media=(B,)))
    assert await tasks(record.store) == {"a": None, "b": None}
    await save(record.store, retracted(first_entry))
    assert await tasks(record.store) == {"a": "withdraw", "b": "withdraw"}


@pytest.mark.parametrize("status", ["draft", "scheduled"])
async def test_what_is_not_public_keeps_no_picture(record: Record, status: str):
    """A draft or scheduled entry does not keep a retracted picture public."""
    first_entry, draft = entry(record, "e1", A), entry(record, "d1", A, status=status)
    await save(record.store, first_entry, draft, retracted(first_entry))
    assert (await tasks(record.store))["a"] == "withdraw"


async def test_a_plans_lead_keeps_no_picture(record: Record):
    """A planned coverage's lead picture does not keep it public either."""
    first, plan = (
        entry(record, "e1", A),
        Coverage("plan", "Plan", "planned", "en", START, START, CURSOR),
    )
    await save(record.store, first)
    async with record.store.writing() as session:
        await add_coverage(session, plan)
        await record_lead(session, plan.slug, A)
    await save(record.store, retracted(first))
    assert (await tasks(record.store))["a"] == "withdraw"


async def test_a_medium_is_the_coverages_that_used_it_first(record: Record):
    """Media belong to their uploader, and to the first coverage that uses them."""
    other = Coverage("other", "Other", "live", "en", START, START, CURSOR)
    async with record.store.writing() as session:
        await set_uploader(session, A.id, "key:1")
        assert await find_owners(session, [A.id, "x"]) == {A.id: Owner("key:1", None)}
        await add_coverage(session, other)
    await save(record.store, entry(record, "d1", A, status="draft"))
    await save(record.store, replace(entry(record, "d2", A, status="draft"), coverage="other"))
    async with record.store.reading() as session:
        owners = await find_owners(session, [A.id, B.id])
    assert owners == {A.id: Owner("key:1", record.slug), B.id: Owner(None, None)}


async def test_a_lead_keeps_a_picture_until_it_is_another(record: Record):
    """A coverage's lead keeps a picture public until another one replaces it."""
    first = entry(record, "e1", A)
    await save(record.store, first)
    async with record.store.writing() as session:
        await record_lead(session, record.slug, A)
    await save(record.store, retracted(first))
    assert (await tasks(record.store))["a"] is None
    async with record.store.writing() as session:
        await record_lead(session, record.slug, B)
        assert HAS_FILE_TASKS in session.info
    assert await tasks(record.store) == {"a": "withdraw", "b": None}


@pytest.mark.parametrize("was_public", [True, False])
async def test_an_earlier_lead_that_readers_saw_keeps_its_files(record: Record, was_public: bool):
    """The files of a lead that another replaced stay, unless the coverage was planned then."""
    async with record.store.writing() as session:
        for lead in (A, B, A, B, None):
            await record_lead(session, record.slug, lead, was_public=was_public)
        await drop_unused(session, START + timedelta(days=8))
    expected = None if was_public else "remove"
    assert await tasks(record.store) == {"a": expected, "b": expected}


async def test_a_withdrawn_coverage_hides_its_earlier_leads(record: Record):
    """A picture that was its lead once is hidden with it, unless another coverage shows it."""
    withdrawal = Withdrawal(START, "Ann", "By order.")
    other = Coverage("elsewhere", "Other", "live", "en", START, START, CURSOR)
    async with record.store.writing() as session:
        await claim_media(session, [A.id], record.slug)
        await record_lead(session, record.slug, A)
        await record_lead(session, record.slug, B)
        assert await find_hiding(session, A.id) is None
        await save_availability(session, replace(record.desk.coverage, withdrawn=withdrawal))
        assert await find_hiding(session, A.id) == await find_hiding(session, B.id) == withdrawal
        await add_coverage(session, other)
        await record_lead(session, other.slug, A)
        assert await find_hiding(session, A.id) is None


async def test_a_draft_that_lets_go_what_was_never_public_withdraws_nothing(record: Record):
    """A draft that drops a picture which was never public does not withdraw it."""
    draft = entry(record, "d1", A, status="draft")
    await save(record.store, draft, replace(draft, media=()))
    assert (await tasks(record.store))["a"] is None


async def test_what_was_withdrawn_stays_so_whoever_shows_it(record: Record):
    """A withdrawn picture stays withdrawn, even if a draft or an entry refers to it again."""
    first = entry(record, "e1", A, B)
    await save(record.store, first, retracted(first))
    async with record.store.writing() as session:
        assert await finish_task(session, A.id, "withdraw", "withdrawn")
        assert not await finish_task(session, A.id, "withdraw", "withdrawn")
    await save(record.store, entry(record, "d1", A, status="draft"), entry(record, "e2", B))
    assert await tasks(record.store) == {"a": "withdrawn", "b": "withdraw"}
    async with record.store.reading() as session:
        assert await find_withdrawn(session, [A.id, B.id, "c"]) == {A.id, B.id}


async def test_a_copy_can_be_named_at_once_and_its_origin_stays_until_it_is_made(record: Record):
    """A copy can be referred to before its files exist; its origin is kept until they do."""
    first, copy = entry(record, "e1", A), replace(A, id="c" * 16)
    await save(record.store, first, retracted(first))
    async with record.store.writing() as session:
        await finish_task(session, A.id, "withdraw", "withdrawn")
        await announce_copy(session, copy, A.id, START)
        assert HAS_FILE_TASKS in session.info
    assert await find(record.store, [copy.id]) == {copy.id: copy}
    async with record.store.writing() as session:
        assert await list_tasks(session, "copy") == [(copy.id, "copy")]
        assert await find_origin(session, copy.id) == A.id
        await drop_unused(session, START)
        assert await read_task(session, A.id) == "withdrawn"
        assert await finish_task(session, copy.id, "copy", None)
        await drop_unused(session, START)
        assert await read_task(session, A.id) == "remove"


async def test_imported_pictures_are_left_alone(record: Record):
    """Media with external files are neither withdrawn nor removed."""
    external = Media("far", "image", "https://pictures.example/far.jpg")
    first = entry(record, "e1", external)
    async with record.store.writing() as session:
        await add_media(session, [external])
    await save(record.store, first, retracted(first))
    async with record.store.writing() as session:
        await drop_unused(session, START + timedelta(days=90))
        assert await read_task(session, external.id) is None


async def test_an_imported_picture_keeps_no_words_of_a_retracted_entry(record: Record):
    """Words and card of an imported medium go with the last public entry that shows it."""
    page = Media("far", "embed", "https://video.example/w/1", alt="Bar", caption="Foo", credit="A")
    external = replace(page, card=Card("Video", "A", "Unsayable"))
    first, second = entry(record, "e1", external), entry(record, "e2", external)
    async with record.store.writing() as session:
        await add_media(session, [external])
    await save(record.store, first, second, retracted(first))
    assert await find(record.store, ["far"]) == {"far": external}
    await save(record.store, retracted(second))
    wordless = replace(page, alt="", caption="", credit="")
    assert await find(record.store, ["far"]) == {"far": wordless}


async def test_unused_pictures_are_dropped_after_a_week(record: Record):
    """An unused picture is dropped after a week, and one that a draft shows is not."""
    await save(record.store, entry(record, "d1", B, status="draft"))
    for days, expected in ((6, None), (8, "remove")):
        async with record.store.writing() as session:
            await drop_unused(session, START + timedelta(days=days))
        assert await tasks(record.store) == {"a": expected, "b": None}


async def test_withdrawn_files_are_kept_for_as_long_as_the_words(record: Record):
    """Withdrawn files are removed once the retracted entry's withdrawn text is deleted."""
    first = entry(record, "e1", A)
    await save(record.store, first, retracted(first))
    withdrawn_row = WithdrawnRow(coverage=record.slug, entry_id="e1", at=START, state="{}")
    async with record.store.writing() as session:
        await finish_task(session, A.id, "withdraw", "withdrawn")
        session.add(withdrawn_row)
        await session.flush()
        await drop_unused(session, START)
        assert await read_task(session, A.id) == "withdrawn"
        await session.delete(withdrawn_row)
        await session.flush()
        await drop_unused(session, START)
        assert await read_task(session, A.id) == "remove"
