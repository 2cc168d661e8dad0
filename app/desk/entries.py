"""Entries as the newsroom writes them: publish, amend, correct, retract, pin."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.roles import Caller
from app.desk import actions
from app.desk.answers import entry_answer
from app.desk.forms import AmendmentForm, CorrectionForm, NewEntryForm, RetractionForm
from app.timeline.change import Change
from app.web.addresses import EntryKey, Slug
from app.web.caching import expected_revisions
from app.web.callers import Contributor, Editor
from app.web.house import House, TheHouse
from app.web.idempotency import Answer, answer_once
from app.web.openapi import if_match, refusals, returns
from app.web.payload import documents, json_body

routes = APIRouter(prefix="/v1/coverages/{slug}/entries", tags=["newsroom"])
_WRITING = refusals(400, 401, 403, 404, 409, 413, 415, 422, 429)


async def _answer(
    request: Request,
    house: House,
    caller: Caller,
    do: Callable[[AsyncSession], Awaitable[Change]],
    status: int = 200,
) -> Response:
    async def act(session: AsyncSession) -> Answer:
        return entry_answer(house.form, await do(session), status)

    return await answer_once(request, house, caller, act)


@routes.post(
    "",
    status_code=201,
    responses=returns("WrittenEntry", 201) | _WRITING,
    openapi_extra=documents(NewEntryForm),
)
async def post_entry(
    request: Request,
    house: TheHouse,
    caller: Contributor,
    slug: Slug,
    form: Annotated[NewEntryForm, Depends(json_body(NewEntryForm))],
) -> Response:
    """Publish an entry; with `draft` or an embargo, keep it for later."""
    return await _answer(
        request,
        house,
        caller,
        lambda session: actions.create_entry(session, slug, form, caller, house.now()),
        201,
    )


@routes.patch(
    "/{entry_id}",
    responses=returns("WrittenEntry") | _WRITING | refusals(412, 428),
    openapi_extra=documents(AmendmentForm) | if_match(required=True),
)
async def patch_entry(
    request: Request,
    house: TheHouse,
    caller: Contributor,
    key: EntryKey,
    form: Annotated[AmendmentForm, Depends(json_body(AmendmentForm))],
) -> Response:
    """Amend a public entry where no fact changes, or save a draft."""
    seen = expected_revisions(request, required=True)
    return await _answer(
        request,
        house,
        caller,
        lambda session: actions.amend_entry(session, key, form, seen, caller, house.now()),
    )


@routes.post(
    "/{entry_id}/correction",
    responses=returns("WrittenEntry") | _WRITING | refusals(412),
    openapi_extra=documents(CorrectionForm) | if_match(required=False),
)
async def post_correction(
    request: Request,
    house: TheHouse,
    editor: Editor,
    key: EntryKey,
    form: Annotated[CorrectionForm, Depends(json_body(CorrectionForm))],
) -> Response:
    """Put a fact right, with a public note."""
    seen = expected_revisions(request, required=False)
    return await _answer(
        request,
        house,
        editor,
        lambda session: actions.correct_entry(session, key, form, seen, house.now()),
    )


@routes.post(
    "/{entry_id}/retraction",
    responses=returns("WrittenEntry") | _WRITING | refusals(412),
    openapi_extra=documents(RetractionForm) | if_match(required=False),
)
async def post_retraction(
    request: Request,
    house: TheHouse,
    editor: Editor,
    key: EntryKey,
    form: Annotated[RetractionForm, Depends(json_body(RetractionForm))],
) -> Response:
    """Withdraw an entry everywhere; the note stays in its place."""
    seen = expected_revisions(request, required=False)
    return await _answer(
        request,
        house,
        editor,
        lambda session: actions.retract_entry(session, key, form.note, seen, house.now()),
    )


@routes.put(
    "/{entry_id}/pin",
    responses=returns("WrittenEntry") | refusals(401, 403, 404, 409, 429),
)
async def put_pin(request: Request, house: TheHouse, editor: Editor, key: EntryKey) -> Response:
    """Hold an entry on top of the page, instead of the one that is there."""
    return await _answer(
        request, house, editor, lambda session: actions.pin_entry(session, key, house.now())
    )


@routes.delete(
    "/{entry_id}/pin",
    responses=returns("WrittenEntry") | refusals(401, 403, 404, 409, 429),
)
async def delete_pin(request: Request, house: TheHouse, editor: Editor, key: EntryKey) -> Response:
    """Let an entry go back to its place."""
    return await _answer(
        request, house, editor, lambda session: actions.unpin_entry(session, key, house.now())
    )


@routes.post(
    "/{entry_id}/publication",
    responses=returns("WrittenEntry") | refusals(401, 403, 404, 409, 422, 429),
)
async def post_publication(
    request: Request, house: TheHouse, editor: Editor, key: EntryKey
) -> Response:
    """Publish a draft or a scheduled entry now."""
    return await _answer(
        request, house, editor, lambda session: actions.publish_entry(session, key, house.now())
    )
