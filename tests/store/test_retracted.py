"""The withdrawn text of retracted entries, on SQLite and PostgreSQL."""

from datetime import timedelta

import pytest

from app.store.engine import Store
from app.store.retracted import delete_expired_withdrawn, find_withdrawn, keep_withdrawn
from app.timeline.entry import Body, Entry
from app.timeline.errors import WordsForgotten
from tests.record import Record
from tests.strategies import START

SECOND = timedelta(seconds=1)


async def test_words_are_kept_for_their_time(store: Store) -> None:
    """Withdrawn text can be read until it expires, whether or not it is deleted by then."""
    record = await Record(store).open()
    entry = Entry(
        "e1", record.slug, "published", START, "en", seq=2, body=Body("<p>x</p>", "x"), tags=("t",)
    )
    async with store.writing() as session:
        await keep_withdrawn(session, entry, START)
    async with store.reading() as session:
        assert await find_withdrawn(session, record.slug, "e1", START - SECOND) == entry
        for slug, name, since in (
            (record.slug, "e1", START),
            (record.slug, "e2", START - SECOND),
            ("another", "e1", START - SECOND),
        ):
            with pytest.raises(WordsForgotten):
                await find_withdrawn(session, slug, name, since)
    async with store.writing() as session:
        await delete_expired_withdrawn(session, START - SECOND)
        assert await find_withdrawn(session, record.slug, "e1", START - SECOND) == entry
        await delete_expired_withdrawn(session, START)
    async with store.reading() as session:
        with pytest.raises(WordsForgotten):
            await find_withdrawn(session, record.slug, "e1", START - SECOND)
