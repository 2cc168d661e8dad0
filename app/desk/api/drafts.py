"""Drafts and scheduled entries, for the newsroom only."""

from fastapi import APIRouter, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.names import names_of
from app.desk.api.writes import answer_write
from app.formats.public_json import dump_json
from app.formats.rfc3339 import format_time
from app.newsroom import entries
from app.newsroom.permissions import check_author
from app.newsroom.written import Written, entry_written
from app.store.coverages import find_coverage
from app.store.entries import find_entry, list_drafts
from app.timeline.errors import EntryScheduled, EntrySubmitted, UnknownCoverage, UnknownEntry
from app.web.authentication import Contributor
from app.web.conditional import entry_etag, private_json
from app.web.openapi.document import takes
from app.web.openapi.headers import IDEMPOTENCY_KEY, REVISION
from app.web.openapi.responses import NEWSROOM, WRITING, refuses, returns
from app.web.openapi.schemas import Draft, Drafts
from app.web.params import DraftKey, Slug
from app.web.services import ServicesDep

routes = APIRouter(prefix="/v1/coverages/{slug}/drafts", tags=["newsroom"])


@routes.get(
    "",
    operation_id="listDrafts",
    responses=returns(Drafts) | refuses(*NEWSROOM, UnknownCoverage),
)
async def get_drafts(services: ServicesDep, caller: Contributor, slug: Slug) -> Response:
    """List drafts and scheduled entries, last saved first; contributors see only their own."""
    async with services.store.reading() as session:
        await find_coverage(session, slug)
        author = None if caller.may("editor") else caller.id
        drafts = await list_drafts(session, slug, author)
        names = await names_of(session, (draft.author for draft in drafts))
    shown = [services.form.entry(draft) for draft in drafts]
    body = dump_json({"drafts": shown, "names": names, "now": format_time(services.now())})
    return private_json(body)


@routes.get(
    "/{entry_id}",
    operation_id="getDraft",
    responses=returns(Draft, REVISION) | refuses(*NEWSROOM, UnknownCoverage, UnknownEntry),
)
async def get_draft(services: ServicesDep, caller: Contributor, key: DraftKey) -> Response:
    """Return one draft or scheduled entry."""
    async with services.store.reading() as session:
        await find_coverage(session, key[0])
        draft = await find_entry(session, *key)
    if draft.is_public:
        raise UnknownEntry(f"There is no draft {draft.id} here.")
    check_author(draft, caller)
    return private_json(dump_json(services.form.entry(draft)), entry_etag(draft))


@routes.delete(
    "/{entry_id}",
    operation_id="deleteDraft",
    responses=returns(Draft, REVISION)
    | refuses(*WRITING, UnknownCoverage, UnknownEntry, EntrySubmitted, EntryScheduled),
    openapi_extra=takes(IDEMPOTENCY_KEY),
)
async def delete_draft(
    request: Request, services: ServicesDep, caller: Contributor, key: DraftKey
) -> Response:
    """Delete a draft; returns its last state."""

    async def act(session: AsyncSession) -> Written:
        return entry_written(services.form, await entries.delete_draft(session, key, caller))

    return await answer_write(request, services, caller, act)
