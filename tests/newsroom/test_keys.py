"""Tests of what ends when a key is revoked."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.keys import create_key
from app.access.roles import Caller
from app.clock import utc_now
from app.formats.html import HtmlRenderer
from app.formats.public_json import dump_json
from app.newsroom.coverages import create_coverage
from app.newsroom.entries import create_entry
from app.newsroom.forms import NewCoverageForm, NewEntryForm
from app.newsroom.keys import key_revocation
from app.newsroom.write import Operation, write
from app.newsroom.written import Written, coverage_written, entry_written
from app.settings import Settings
from app.store.engine import Store
from app.store.entries import list_drafts
from app.web.services import DESK_TOPICS, ContentLimits, Services
from app.wiring import open_services

CHIEF = Caller("key:1", "Ann", "chief")
TOPIC = DESK_TOPICS["drafts"] + "moon"


@pytest.fixture
async def services(store: Store, record_url: str) -> AsyncIterator[Services]:
    """The services of one process."""
    settings = Settings(_env_file=None, database_url=record_url)
    async with open_services(settings, HtmlRenderer(), utc_now) as opened:
        yield opened


async def test_open_desks_hear_of_what_is_a_draft_again(services: Services) -> None:
    """Revoking a key turns its scheduled entries into drafts and notifies the desk."""

    async def open_coverage(session: AsyncSession) -> Written:
        form = NewCoverageForm.model_validate(
            {"slug": "moon", "title": "Day"}, context=ContentLimits()
        )
        return coverage_written(
            services.form, *await create_coverage(session, form, CHIEF, utc_now())
        )

    await write(services, Operation(CHIEF, "openCoverage"), open_coverage)
    async with services.store.writing() as session:
        key, _ = await create_key(session, "A tool", "editor", utc_now(), made_by=CHIEF.id)

    async def schedule(session: AsyncSession) -> Written:
        embargo_until = (utc_now() + timedelta(days=1)).isoformat()
        document = {"headline": "Later", "embargo_until": embargo_until}
        form = NewEntryForm.model_validate_json(dump_json(document), context=ContentLimits())
        created = await create_entry(session, "moon", form, key.caller, utc_now())
        return entry_written(services.form, created, is_new=True)

    await write(services, Operation(key.caller, "publishEntry", "moon"), schedule)
    before = services.notified[TOPIC]
    revoke = key_revocation(services, CHIEF, key.id, cascade=True)
    await write(services, Operation(CHIEF, "revokeKey", thing=key.id), revoke)
    assert services.notified[TOPIC] > before
    async with services.store.reading() as session:
        (draft,) = await list_drafts(session, "moon")
    assert draft.status == "draft"
