"""Tests of a retraction that is made without an HTTP request, in both databases."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.roles import Caller
from app.main import create_app
from app.newsroom.coverages import change_coverage, create_coverage
from app.newsroom.entries import amend_entry, create_entry, pin_entry, publish_entry
from app.newsroom.forms import (
    AmendmentForm,
    CoverageChangeForm,
    NewCoverageForm,
    NewEntryForm,
    RetractionForm,
)
from app.newsroom.idempotency import Idempotency
from app.newsroom.media import keep_upload
from app.newsroom.retraction import retract
from app.newsroom.write import Operation, UnitOfWork, write
from app.newsroom.written import Written, coverage_written, entry_written
from app.settings import Settings
from app.store.engine import Store
from app.store.media import read_task
from app.timeline.entry import Media
from app.web.response_cache import ResponseCache
from app.web.services import ContentLimits, Services
from tests.media.pictures import encoded, picture
from tests.reader.newsroom_app import ask
from tests.record import stored_text

WORD = "Zarquon"
CHIEF = Caller("key:1", "Ann", "chief")
PUBLIC = [
    "/v1/coverages/moon",
    "/v1/coverages/moon/entries",
    "/v1/coverages/moon/events?after=0",
    "/v1/coverages/moon/entries/ID",
    "/v1/coverages/moon/entries/ID/revisions",
    "/coverages/moon",
    "/coverages/moon/entries/ID",
    "/coverages/moon/feed.atom",
]
# Pages as of a time to come, which the response cache does not store.
TO_COME = [
    "/coverages/moon?at=2999-01-01T00:00:00Z",
    "/coverages/moon/entries/ID?at=2999-01-01T00:00:00Z",
]


def operation(key: str) -> Operation:
    """Return an operation under this idempotency key."""
    return Operation(CHIEF, "writeThing", idempotency=Idempotency("/v1/things", key, b""))


@dataclass
class Newsroom:
    """An application whose writes come from no request, and a response cache for its readers."""

    app: FastAPI
    cache: ResponseCache

    @property
    def services(self) -> Services:
        """The application's services."""
        services: Services = self.app.state.services
        return services

    async def do(self, key: str, act: UnitOfWork) -> Written:
        """Write under an idempotency key."""
        return await write(self.services, operation(key), act)

    async def replay(self, key: str) -> Written:
        """Return the stored result of an idempotency key."""

        async def refuse(_session: AsyncSession) -> Written:
            raise AssertionError("done twice")

        return await self.do(key, refuse)

    async def read(self, entry_id: str) -> dict[str, str]:
        """Return the body of every public address."""
        answers = {}
        for address in (*PUBLIC, *TO_COME):
            status, _, body = await ask(self.cache, address.replace("ID", entry_id))
            assert status == 200, address
            answers[address] = body.decode()
        return answers


@pytest.fixture(params=[timedelta(0), timedelta(days=30)], ids=["forgotten", "kept"])
async def newsroom(
    store: Store, record_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Newsroom]:
    """An application that keeps retracted content for 30 days, and one that does not."""
    settings = Settings(
        _env_file=None,
        database_url=record_url,
        media_dir=tmp_path / "media",
        keep_retracted=request.param,
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield Newsroom(app, ResponseCache(app, app, 10**7))


async def upload(newsroom: Newsroom, tmp_path: Path) -> Media:
    """Ingest a picture with the word in its texts."""
    path = tmp_path / "upload.jpg"
    path.write_bytes(encoded(picture()))
    words = {"alt": WORD, "caption": WORD, "credit": WORD}
    media = await newsroom.services.media.ingest(path, words, CHIEF.id)
    await keep_upload(newsroom.services, operation("upload"), media)
    return media


async def statuses(newsroom: Newsroom, media: Media) -> set[int]:
    """Return the statuses of a picture's addresses."""
    # Until an AVIF is encoded, its address serves the WebP.
    urls = [media.url, *(rendition.url for rendition in media.renditions)]
    return {(await ask(newsroom.cache, address))[0] for address in urls}


async def publish_word(newsroom: Newsroom, media: Media) -> str:
    """Publish an entry with the word in every field and change it; returns its id."""
    services = newsroom.services
    form, now = services.form, services.now

    async def open_coverage(session: AsyncSession) -> Written:
        form_data = NewCoverageForm.model_validate(
            {"slug": "moon", "title": "A day"}, context=ContentLimits()
        )
        return coverage_written(form, *await create_coverage(session, form_data, CHIEF, now()))

    async def draft(session: AsyncSession) -> Written:
        form_data = NewEntryForm.model_validate(
            {"headline": WORD, "body": {"text": WORD}, "key_event": True, "draft": True}
            | {"media": [media.id], "tags": [WORD]},
            context=ContentLimits(),
        )
        created = await create_entry(session, "moon", form_data, CHIEF, now())
        return entry_written(form, created, is_new=True)

    await newsroom.do("open", open_coverage)
    written_draft = await newsroom.do("draft", draft)
    assert written_draft.thing is not None
    key = ("moon", written_draft.thing.id)

    async def amend(session: AsyncSession) -> Written:
        change = AmendmentForm.model_validate(
            {"body": {"text": f"{WORD}!"}}, context=ContentLimits()
        )
        amended = await amend_entry(session, key, change, None, CHIEF, now())
        return entry_written(form, amended)

    async def publish(session: AsyncSession) -> Written:
        return entry_written(form, await publish_entry(session, key, now()))

    async def pin(session: AsyncSession) -> Written:
        return entry_written(form, await pin_entry(session, key, now()))

    async def retitle(session: AsyncSession) -> Written:
        change = CoverageChangeForm.model_validate(
            {"title": "Another day"}, context=ContentLimits()
        )
        return coverage_written(form, *await change_coverage(session, "moon", change, CHIEF, now()))

    for name, act in ("publish", publish), ("amend", amend), ("pin", pin), ("retitle", retitle):
        assert WORD in (await newsroom.do(name, act)).body.decode()
    return key[1]


@pytest.mark.full("each way of keeping in each database", but=["kept-sqlite"])
async def test_no_word_is_left_anywhere(newsroom: Newsroom, tmp_path: Path) -> None:
    """One call removes the words from journal, entry, coverage, media and all caches.

    Stored responses of idempotency keys have the tombstone too.
    """
    services = newsroom.services
    media = await upload(newsroom, tmp_path)
    entry_id = await publish_word(newsroom, media)
    before = await newsroom.read(entry_id)
    assert all(WORD in text for text in before.values())
    assert len(newsroom.cache.response_store) == len(PUBLIC)
    assert await statuses(newsroom, media) == {200}
    retracting = Operation(CHIEF, "retractEntry", "moon", entry_id)
    written = await retract(
        services, retracting, ("moon", entry_id), RetractionForm(note="Not so.")
    )
    assert WORD not in written.body.decode()
    assert len(newsroom.cache.response_store) == 0
    for address, text in (await newsroom.read(entry_id)).items():
        assert WORD not in text, address
    for key in "draft", "publish", "amend", "pin":
        repeated = await newsroom.replay(key)
        assert (repeated.body, repeated.version) == (written.body, written.version)
    assert (await newsroom.replay("draft")).is_new
    for key in "open", "retitle", "upload":
        assert WORD not in (await newsroom.replay(key)).body.decode()
    assert await statuses(newsroom, media) == {404}


@pytest.mark.full(
    "each way of keeping in each database", but=["kept-postgresql", "forgotten-sqlite"]
)
async def test_nothing_is_left_in_the_database_but_the_newsrooms_copy(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    """No row of any table has the word, except the copy that `keep_retracted` keeps."""
    services = newsroom.services
    media = await upload(newsroom, tmp_path)
    entry_id = await publish_word(newsroom, media)
    assert WORD in await stored_text(services.store)
    retracting = Operation(CHIEF, "retractEntry", "moon", entry_id)
    await retract(services, retracting, ("moon", entry_id), RetractionForm(note="Not so."))
    rows = [row for row in (await stored_text(services.store)).splitlines() if WORD in row]
    assert len(rows) == (1 if services.keep_retracted else 0)
    async with services.store.reading() as session:
        assert await read_task(session, media.id) == "withdrawn"
