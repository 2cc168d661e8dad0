"""Submissions: submit a draft to the editors, withdraw it, or return it with a note."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.roles import Caller
from app.desk.api.writes import answer_write
from app.newsroom import drafts
from app.newsroom.form import Form
from app.newsroom.written import Written, entry_written
from app.store.journal import Recorded
from app.timeline.errors import EntryNotSubmitted, EntryScheduled, UnknownCoverage, UnknownEntry
from app.web.authentication import Contributor, Editor
from app.web.json_body import json_body
from app.web.openapi.document import takes
from app.web.openapi.headers import IDEMPOTENCY_KEY, REVISION
from app.web.openapi.responses import PAYLOAD, WRITING, refuses, returns
from app.web.openapi.schemas import Draft
from app.web.params import DraftKey
from app.web.services import Services, ServicesDep
from app.web.text_types import PublicNote

routes = APIRouter(prefix="/v1/coverages/{slug}/drafts/{entry_id}", tags=["newsroom"])

_DRAFT = returns(Draft, REVISION)
_STEP = (*WRITING, UnknownCoverage, UnknownEntry, EntryScheduled)


class ReturnForm(Form):
    """The return of a draft to its author, with a note."""

    note: Annotated[PublicNote, Field(description="What is to be done; only the newsroom sees it.")]


async def _answer(
    request: Request,
    services: Services,
    caller: Caller,
    do: Callable[[AsyncSession], Awaitable[Recorded]],
) -> Response:
    async def act(session: AsyncSession) -> Written:
        return entry_written(services.form, await do(session))

    return await answer_write(request, services, caller, act)


@routes.put(
    "/submission",
    operation_id="submitDraft",
    responses=_DRAFT | refuses(*_STEP),
    openapi_extra=takes(IDEMPOTENCY_KEY),
)
async def put_submission(
    request: Request, services: ServicesDep, caller: Contributor, key: DraftKey
) -> Response:
    """Submit a draft to the editors.

    Contributors cannot change a submitted draft, but may take it back.
    """
    return await _answer(
        request,
        services,
        caller,
        lambda session: drafts.submit_draft(session, key, caller, services.now()),
    )


@routes.delete(
    "/submission",
    operation_id="takeDraftBack",
    responses=_DRAFT | refuses(*_STEP),
    openapi_extra=takes(IDEMPOTENCY_KEY),
)
async def delete_submission(
    request: Request, services: ServicesDep, caller: Contributor, key: DraftKey
) -> Response:
    """Take a submitted draft back, to go on writing."""
    return await _answer(
        request, services, caller, lambda session: drafts.withdraw_draft(session, key, caller)
    )


@routes.post(
    "/return",
    operation_id="returnDraft",
    responses=_DRAFT | refuses(*_STEP, *PAYLOAD, EntryNotSubmitted),
    openapi_extra=takes(IDEMPOTENCY_KEY, form=ReturnForm),
)
async def post_return(
    request: Request,
    services: ServicesDep,
    editor: Editor,
    key: DraftKey,
    form: Annotated[ReturnForm, Depends(json_body(ReturnForm))],
) -> Response:
    """Return a submitted draft to its author, with a note."""
    return await _answer(
        request,
        services,
        editor,
        lambda session: drafts.return_draft(session, key, form.note, editor, services.now()),
    )
