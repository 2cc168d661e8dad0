"""Imports: store the coverage of an uploaded archive, all of it or nothing."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.desk.api.examples import ARCHIVE
from app.desk.api.writes import operation_of, respond
from app.hub.hub import OverCapacity
from app.media.errors import StorageUnavailable
from app.newsroom.imports import DamagedArchive, converted, import_coverage
from app.newsroom.write import write
from app.newsroom.written import Written
from app.timeline.errors import SlugTaken
from app.web.authentication import Chief
from app.web.body_limit import read_body
from app.web.identifiers import SLUG
from app.web.openapi.document import takes
from app.web.openapi.headers import IDEMPOTENCY_KEY, LOCATION
from app.web.openapi.responses import WRITING, refuses, returns
from app.web.openapi.schemas import Imported
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
    | refuses(
        *(*WRITING, InvalidPayload, PayloadTooLarge, WrongMediaType, SlugTaken),
        *(OverCapacity, StorageUnavailable),
    ),
    openapi_extra=takes(IDEMPOTENCY_KEY) | {"requestBody": {"required": True, "content": _FILE}},
)
async def post_import(
    request: Request,
    services: ServicesDep,
    chief: Chief,
    slug: Annotated[
        str | None,
        Query(pattern=SLUG, description="The slug of the copy; by default the archive's."),
    ] = None,
) -> Response:
    """Store a coverage from an archive, with its ids and times: all of it or nothing.

    The file is what `dateline export` writes: JSON Lines. The first line names the format and its
    version, the last one counts the others; each line in between is an event, in order of seq, or a
    draft. The error for a damaged line names its number. A later version of the format, or a member
    or type that the server does not know, is refused by name.
    """
    body = await read_body(request, services.limits.journal, _JSON_LINES)
    try:
        async with converted(body, slug, services.media.scratch_folder) as conversion:

            async def act(session: AsyncSession) -> Written:
                return await import_coverage(session, services.form, conversion)

            operation = await operation_of(request, services, chief)
            return respond(await write(services, replace(operation, is_long=True), act))
    except DamagedArchive as damage:
        raise InvalidPayload([("", str(damage))]) from damage
