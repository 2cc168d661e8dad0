"""Presence: who is at a coverage's desk, and which entry they are writing.

A presence is an open tab of the desk, which sends a heartbeat every 10 seconds; the API calls it a
visit. A caller can change only their own.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from pydantic import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.roles import Caller, NotAllowed
from app.formats.public_json import dump_json
from app.newsroom.form import Form
from app.store.coverages import find_coverage
from app.store.presence import (
    SEEN,
    PresenceRow,
    find_presence,
    list_presences,
    remove_presence,
    save_presence,
)
from app.timeline.errors import UnknownCoverage
from app.web.authentication import Contributor, OpenDesk
from app.web.conditional import private_json
from app.web.identifiers import ENTRY_ID, PRESENCE_ID
from app.web.json_body import json_body
from app.web.openapi.document import takes
from app.web.openapi.responses import NEWSROOM, PAYLOAD, refuses, returns
from app.web.openapi.schemas import Visits
from app.web.params import Slug
from app.web.problems import InvalidQuery
from app.web.services import Services, ServicesDep

routes = APIRouter(prefix="/v1/coverages/{slug}/visits", tags=["newsroom"])

PresenceId = Annotated[
    str,
    Path(
        pattern=PRESENCE_ID,
        description="A random name that a tab of the desk chooses for itself.",
        examples=["c81e728d9d4c2f63"],
    ),
]


class VisitForm(Form):
    """The entry that is open in a tab of the desk."""

    entry_id: Annotated[
        Annotated[str, Field(pattern=ENTRY_ID)] | None,
        Field(description="The draft or entry that is open in the tab; null for none."),
    ] = None


@routes.get(
    "",
    operation_id="listVisits",
    responses=returns(Visits) | refuses(*NEWSROOM, UnknownCoverage),
)
async def get_visits(services: ServicesDep, _caller: Contributor, slug: Slug) -> Response:
    """List who has been seen at the desk in the last 30 seconds."""
    async with services.store.reading() as session:
        await find_coverage(session, slug)
        return await _answer(session, services, slug)


@routes.put(
    "/{visit}",
    operation_id="keepVisit",
    responses=returns(Visits) | refuses(*NEWSROOM, *PAYLOAD, UnknownCoverage, InvalidQuery),
    openapi_extra=takes(form=VisitForm),
)
async def put_visit(
    services: ServicesDep,
    caller: OpenDesk,
    slug: Slug,
    visit: PresenceId,
    form: Annotated[VisitForm, Depends(json_body(VisitForm))],
) -> Response:
    """Report that the caller is at the desk, and at which entry; repeat this every 10 seconds.

    Returns who is at the desk.
    """
    now = services.now()
    async with services.store.writing() as session:
        await find_coverage(session, slug)
        before = await _own(session, caller, slug, visit)
        row = PresenceRow(
            coverage=slug,
            visit=visit,
            caller=caller.id,
            name=caller.name,
            entry_id=form.entry_id,
            seen_at=now,
        )
        # Computed before `save_presence`, which changes the very row that was found.
        is_news = before is None or before.seen_at <= now - SEEN or before.entry_id != form.entry_id
        await save_presence(session, row)
        answer = await _answer(session, services, slug)
    if is_news:
        await services.notify_desk(slug, "visits")
    return answer


@routes.delete(
    "/{visit}",
    operation_id="endVisit",
    responses=returns(Visits) | refuses(*NEWSROOM, UnknownCoverage, InvalidQuery),
)
async def delete_visit(
    services: ServicesDep, caller: Contributor, slug: Slug, visit: PresenceId
) -> Response:
    """Report that the caller has left the desk; returns who is still there."""
    async with services.store.writing() as session:
        await find_coverage(session, slug)
        before = await _own(session, caller, slug, visit)
        await remove_presence(session, slug, visit)
        answer = await _answer(session, services, slug)
    if before is not None:
        await services.notify_desk(slug, "visits")
    return answer


async def _own(session: AsyncSession, caller: Caller, slug: str, visit: str) -> PresenceRow | None:
    row = await find_presence(session, slug, visit)
    if row is not None and row.caller != caller.id:
        raise NotAllowed("This visit is somebody else's.")
    return row


async def _answer(session: AsyncSession, services: Services, slug: str) -> Response:
    visits = [
        {"visit": row.visit, "caller": row.caller, "name": row.name, "entry_id": row.entry_id}
        for row in await list_presences(session, slug, services.now())
    ]
    return private_json(dump_json({"visits": visits}))
