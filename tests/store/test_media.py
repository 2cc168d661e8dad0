"""Promises of media in the record, in both databases: who shows them, and when they go."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

import pytest

from app.store.coverages import add_coverage
from app.store.engine import Store
from app.store.media import (
    HAS_FILE_TASKS,
    add_media,
    announce_copy,
    announce_media,
    delete_media,
    drop_unused,
    find_media,
    find_origin,
    find_withdrawn,
    finish_task,
    keep_media,
    list_tasks,
    read_task,
    record_lead,
)
from app.store.ownership import Owner, find_owners, set_uploader
from app.store.tables import WithdrawnRow
from app.timeline.coverage import Coverage
from app.timeline.cursor import Cursor
from app.timeline.entry import Entry, Media, Note, tombstone
from tests.record import Record, keep_draft
from tests.strategies import START

C = Cursor("e", 0)
A, B = Media("a" * 16, "image", "/media/a.jpg"), Media("b" * 16, "image", "/media/b.jpg")


@pytest.fixture
async def record(store: Store) -> Record:
    """An open coverage, and two pictures that entries may name."""
    async with store.writing() as session:
        for media in (A, B):
            await announce_media(session, media, START)
            await keep_media(session, media.id)
    return await Record(store).open()


def entry(record: Record, name: str, *media: Media, status: str = "published") -> Entry:
    """An entry that shows these."""
    rest = {"seq": 2, "published_at": START} if status == "published" else {}
    return Entry(
        id=name,
        coverage=record.slug,
        status=status,  # type: ignore[arg-type]
        updated_at=START,
        language="en",
        headline=name,
        media=media,
        **rest,  # type: ignore[arg-type]
    )


async def save(store: Store, *entries: Entry) -> None:
    """Save each in a transaction of its own."""
    for one in entries:
        await keep_draft(store, one)


def retracted(one: Entry) -> Entry:
    """What is left of it."""
    return tombstone(one, Note("Not so.", START))


async def tasks(store: Store) -> dict[str, str | None]:
    """What the files of both pictures wait for."""
    async with store.reading() as session:
        return {m.id[0]: await read_task(session, m.id) for m in (A, B)}


async def find(store: Store, ids: Collection[str]) -> dict[str, Media]:
    """Those that entries may name."""
    async with store.reading() as session:
        return await find_media(session, ids)


async def test_media_are_stored_once_and_found_by_their_ids(store: Store):
    """What is there already is left as it is; unknown ids are left out."""
    first, second = Media("m1", "image", "/media/1.jpg", alt="a"), Media("m2", "video", "/2")
    async with store.writing() as session:
        await add_media(session, [first, first, second])
        await add_media(session, [replace(first, alt="another"), second])
        await add_media(session, [])
    async with store.reading() as session:
        assert await find_media(session, ["m1", "m2", "m3"]) == {"m1": first, "m2": second}
        assert await find_media(session, []) == {}


async def test_what_is_arriving_can_be_named_by_nobody(store: Store):
    """Only once its files are kept, and it can be forgotten until then."""
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
    """Its picture goes; the one that another entry shows stays until that is retracted too."""
    first, second = entry(record, "e1", A, B), entry(record, "e2", B)
    await save(record.store, first, second, retracted(first))
    assert await tasks(record.store) == {"a": "withdraw", "b": None}
    await save(record.store, retracted(second))
    assert await tasks(record.store) == {"a": "withdraw", "b": "withdraw"}
    assert await find(record.store, [A.id, B.id]) == {}


async def test_what_an_earlier_revision_showed_goes_with_the_entry(record: Record):
    """An amendment took the picture out, but old events of the journal still showed it."""
    first = entry(record, "e1", A)
    await save(record.store, first, replace(first, media=(B,)))
    assert await tasks(record.store) == {"a": None, "b": None}
    await save(record.store, retracted(first))
    assert await tasks(record.store) == {"a": "withdraw", "b": "withdraw"}


@pytest.mark.parametrize("status", ["draft", "scheduled"])
async def test_what_is_not_public_keeps_no_picture(record: Record, status: str):
    """Whoever writes a draft, in whichever coverage, keeps no retracted file public."""
    first, draft = entry(record, "e1", A), entry(record, "d1", A, status=status)
    await save(record.store, first, draft, retracted(first))
    assert (await tasks(record.store))["a"] == "withdraw"


async def test_a_plans_lead_keeps_no_picture(record: Record):
    """It is not public either; that of the open coverage does."""
    first, plan = entry(record, "e1", A), Coverage("plan", "Plan", "planned", "en", START, START, C)
    await save(record.store, first)
    async with record.store.writing() as session:
        await add_coverage(session, plan)
        await record_lead(session, plan.slug, A)
    await save(record.store, retracted(first))
    assert (await tasks(record.store))["a"] == "withdraw"


async def test_a_medium_is_the_coverages_that_used_it_first(record: Record):
    """And its sender's from the beginning; a second coverage changes nothing about that."""
    other = Coverage("other", "Other", "live", "en", START, START, C)
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
    """A coverage's own picture is a use like an entry's."""
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


async def test_a_draft_that_lets_go_what_was_never_public_withdraws_nothing(record: Record):
    """Only a retraction is a reason."""
    draft = entry(record, "d1", A, status="draft")
    await save(record.store, draft, replace(draft, media=()))
    assert (await tasks(record.store))["a"] is None


async def test_what_was_withdrawn_stays_so_whoever_shows_it(record: Record):
    """Neither a draft nor an entry brings it back."""
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
    """Its files follow after the commit; what has been copied may go with its words."""
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
    """Their files are elsewhere, so there is nothing to withdraw or to remove."""
    far = Media("far", "image", "https://pictures.example/far.jpg")
    first = entry(record, "e1", far)
    async with record.store.writing() as session:
        await add_media(session, [far])
    await save(record.store, first, retracted(first))
    async with record.store.writing() as session:
        await drop_unused(session, START + timedelta(days=90))
        assert await read_task(session, far.id) is None


async def test_unused_pictures_are_dropped_after_a_week(record: Record):
    """One that an entry or a draft shows is not, however old."""
    await save(record.store, entry(record, "d1", B, status="draft"))
    for days, expected in ((6, None), (8, "remove")):
        async with record.store.writing() as session:
            await drop_unused(session, START + timedelta(days=days))
        assert await tasks(record.store) == {"a": expected, "b": None}


async def test_withdrawn_files_are_kept_for_as_long_as_the_words(record: Record):
    """They go when what the newsroom keeps of the retracted entry has gone."""
    first = entry(record, "e1", A)
    await save(record.store, first, retracted(first))
    kept = WithdrawnRow(coverage=record.slug, entry_id="e1", at=START, state="{}")
    async with record.store.writing() as session:
        await finish_task(session, A.id, "withdraw", "withdrawn")
        session.add(kept)
        await session.flush()
        await drop_unused(session, START)
        assert await read_task(session, A.id) == "withdrawn"
        await session.delete(kept)
        await session.flush()
        await drop_unused(session, START)
        assert await read_task(session, A.id) == "remove"
