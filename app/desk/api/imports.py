"""Journals from files: all of one, or nothing of it."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.desk.api.examples import ARCHIVE
from app.desk.api.writes import answer_write
from app.intake.archive import DamagedLine, read_archive
from app.newsroom.coverages import new_epoch
from app.newsroom.imports import import_coverage
from app.newsroom.written import Written
from app.timeline.errors import SlugTaken
from app.web.authentication import Chief
from app.web.json_body import read_body
from app.web.openapi.document import takes
from app.web.openapi.headers import IDEMPOTENCY_KEY, LOCATION
from app.web.openapi.responses import WRITING, refuses, returns
from app.web.openapi.schemas import Imported
from app.web.params import SLUG
from app.web.problems import InvalidPayload, PayloadTooLarge, WrongMediaType
from app.web.services import ServicesDep

routes = APIRouter(prefix="/v1/imports", tags=["chief"])

_JSON_LINES = ("application/x-ndjson", "application/jsonl")
_FILE = {
    name: {"schema": {"type": "string", "minLength": 1}, "example": ARCHIVE} for name in _JSON_LINES
}


@routes.post(
    "",
    status_code=201,
    operation_id="importCoverage",
    responses=returns(Imported, LOCATION, status=201)
    | refuses(*WRITING, InvalidPayload, PayloadTooLarge, WrongMediaType, SlugTaken),
    openapi_extra=takes(IDEMPOTENCY_KEY) | {"requestBody": {"required": True, "content": _FILE}},
)
async def post_import(
    request: Request,
    services: ServicesDep,
    chief: Chief,
    slug: Annotated[
        str | None,
        Query(pattern=SLUG, description="What to call the copy; else it keeps its name."),
    ] = None,
) -> Response:
    """Store a coverage from an archive, ids and times kept: all of it or nothing.

    The file is what `dateline export` writes: JSON Lines, of which the first names the format and
    last counts the others; each in between is one event in order of seq, or a draft. A damaged line
    is named with its number.
    """
    body = await read_body(request, services.bounds.journal, _JSON_LINES)
    try:
        # In a thread: a large file takes seconds, in which streams and pages must go on.
        archive = await asyncio.to_thread(read_archive, body.splitlines(), new_epoch(), slug)
    except DamagedLine as damage:
        raise InvalidPayload([("", str(damage))]) from damage

    async def act(session: AsyncSession) -> Written:
        return await import_coverage(session, services.form, archive)

    return await answer_write(request, services, chief, act)
