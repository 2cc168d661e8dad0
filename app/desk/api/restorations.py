"""Restore retracted entries as drafts."""

from fastapi import APIRouter, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.desk.api.writes import answer_write
from app.newsroom.restoration import restore_entry
from app.newsroom.written import Written, entry_written
from app.timeline.errors import (
    CoverageClosed,
    EntryNotRetracted,
    UnknownCoverage,
    UnknownEntry,
    WordsForgotten,
)
from app.web.authentication import Editor
from app.web.openapi.document import takes
from app.web.openapi.headers import IDEMPOTENCY_KEY, LOCATION, REVISION
from app.web.openapi.responses import WRITING, refuses, returns
from app.web.openapi.schemas import Draft
from app.web.params import EntryKey
from app.web.services import ServicesDep

routes = APIRouter(prefix="/v1/coverages/{slug}/entries/{entry_id}", tags=["newsroom"])


@routes.post(
    "/restoration",
    status_code=201,
    operation_id="restoreEntry",
    responses=returns(Draft, REVISION, LOCATION, status=201)
    | refuses(
        *WRITING,
        UnknownCoverage,
        UnknownEntry,
        CoverageClosed,
        EntryNotRetracted,
        WordsForgotten,
    ),
    openapi_extra=takes(IDEMPOTENCY_KEY),
)
async def post_restoration(
    request: Request, services: ServicesDep, editor: Editor, key: EntryKey
) -> Response:
    """Make a new draft of a retracted entry's last content.

    The tombstone stays. The content is kept for the time that the operator has set, by default 30
    days.
    """

    async def act(session: AsyncSession) -> Written:
        now = services.now()
        since = now - services.keep_retracted
        recorded = await restore_entry(session, key, editor, now, since)
        return entry_written(services.form, recorded, is_new=True)

    return await answer_write(request, services, editor, act)
