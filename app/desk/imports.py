"""Journals from files: all of one, or nothing of it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from app.desk.actions import new_epoch
from app.framing.history import dump_json
from app.intake.archive import DamagedLine, read_archive
from app.store.journal import record_journal
from app.timeline.errors import SlugTaken
from app.web.callers import Chief
from app.web.house import TheHouse
from app.web.idempotency import Answer, answer_once
from app.web.openapi import refusals, returns
from app.web.payload import read_body
from app.web.problems import InvalidPayload

routes = APIRouter(prefix="/v1/imports", tags=["newsroom"])

_JSON_LINES = ("application/x-ndjson", "application/jsonl")
_FILE = {"application/x-ndjson": {"schema": {"type": "string", "format": "binary"}}}


@routes.post(
    "",
    status_code=201,
    responses=returns("Imported", 201) | refusals(401, 403, 409, 413, 415, 422, 429),
    openapi_extra={"requestBody": {"required": True, "content": _FILE}},
)
async def post_import(
    request: Request,
    house: TheHouse,
    chief: Chief,
    slug: Annotated[str | None, Query(pattern=r"^[a-z0-9-]{1,100}$")] = None,
) -> Response:
    """Store a coverage from an archive, ids and times kept; `slug` gives the copy another name."""
    body = await read_body(request, house.bounds.journal, _JSON_LINES)
    request.state.payload = body
    try:
        archive = read_archive(body.splitlines(), new_epoch(), slug)
    except DamagedLine as damage:
        raise InvalidPayload([("", str(damage))]) from damage

    async def act(session: AsyncSession) -> Answer:
        coverage = archive.coverage
        assert coverage is not None
        try:
            everything = [*archive.entries.values(), *archive.drafts]
            await record_journal(session, coverage, everything, archive.events)
        except IntegrityError as error:
            raise SlugTaken(f"There is a coverage {coverage.slug} already.") from error
        record = {
            "coverage": house.form.coverage(coverage),
            "events": len(archive.events),
            "entries": len(archive.entries),
            "drafts": len(archive.drafts),
        }
        headers = {"Location": f"/v1/coverages/{coverage.slug}"}
        return Answer(201, dump_json(record), headers)

    return await answer_once(request, house, chief, act)
