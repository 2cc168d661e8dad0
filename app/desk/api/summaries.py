"""Choose the entry that stands above the timeline as the summary of what is known."""

from fastapi import APIRouter, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.roles import Caller
from app.desk.api.writes import answer_write
from app.newsroom.entries import summarise_coverage
from app.newsroom.written import Written, coverage_written
from app.timeline.errors import EntryNotPublic, EntryRetracted, UnknownCoverage, UnknownEntry
from app.web.authentication import Editor
from app.web.openapi.document import takes
from app.web.openapi.headers import IDEMPOTENCY_KEY
from app.web.openapi.responses import WRITING, refuses, returns
from app.web.openapi.schemas import Coverage
from app.web.params import EntryKey
from app.web.services import Services, ServicesDep

routes = APIRouter(prefix="/v1/coverages/{slug}/entries/{entry_id}/summary", tags=["newsroom"])


async def _answer(
    request: Request,
    services: Services,
    caller: Caller,
    key: tuple[str, str],
    *,
    is_summary: bool,
) -> Response:
    async def act(session: AsyncSession) -> Written:
        now = services.now()
        change = await summarise_coverage(session, key, now, is_summary=is_summary)
        return coverage_written(services.form, change)

    return await answer_write(request, services, caller, act)


@routes.put(
    "",
    operation_id="setSummary",
    responses=returns(Coverage)
    | refuses(*WRITING, UnknownCoverage, UnknownEntry, EntryNotPublic, EntryRetracted),
    openapi_extra=takes(IDEMPOTENCY_KEY),
)
async def put_summary(
    request: Request, services: ServicesDep, editor: Editor, key: EntryKey
) -> Response:
    """Show an entry above the timeline as the summary, in place of the one that is there now.

    It is amended, corrected and retracted like every entry, and keeps its place in the timeline.
    """
    return await _answer(request, services, editor, key, is_summary=True)


@routes.delete(
    "",
    operation_id="removeSummary",
    responses=returns(Coverage) | refuses(*WRITING, UnknownCoverage, UnknownEntry),
    openapi_extra=takes(IDEMPOTENCY_KEY),
)
async def delete_summary(
    request: Request, services: ServicesDep, editor: Editor, key: EntryKey
) -> Response:
    """Show an entry no longer as the summary; nothing happens if it is not."""
    return await _answer(request, services, editor, key, is_summary=False)
