"""Create and change coverages, for chiefs."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.desk.api import examples
from app.desk.api.writes import answer_write
from app.newsroom.coverages import change_coverage, create_coverage
from app.newsroom.forms import CoverageChangeForm, NewCoverageForm, SuccessorForm
from app.newsroom.successor import open_successor
from app.newsroom.written import Written, coverage_written
from app.timeline.errors import (
    CoveragePlanned,
    CoveragePublic,
    EditionsChanged,
    SlugTaken,
    UnknownCoverage,
    WithdrawnCoverage,
)
from app.web.authentication import Chief
from app.web.json_body import json_body
from app.web.openapi.document import takes
from app.web.openapi.headers import IDEMPOTENCY_KEY, LOCATION
from app.web.openapi.responses import PAYLOAD, WRITING, refuses, returns
from app.web.openapi.schemas import Coverage
from app.web.params import Slug
from app.web.problems import UnknownMedia
from app.web.services import ServicesDep

routes = APIRouter(prefix="/v1/coverages", tags=["chief"])


@routes.post(
    "",
    status_code=201,
    operation_id="openCoverage",
    responses=returns(Coverage, LOCATION, status=201)
    | refuses(*WRITING, *PAYLOAD, SlugTaken, UnknownMedia, EditionsChanged),
    openapi_extra=takes(IDEMPOTENCY_KEY, form=NewCoverageForm, examples=examples.NEW_COVERAGE),
)
async def post_coverage(
    request: Request,
    services: ServicesDep,
    chief: Chief,
    form: Annotated[NewCoverageForm, Depends(json_body(NewCoverageForm))],
) -> Response:
    """Open a live page, or plan one."""

    async def act(session: AsyncSession) -> Written:
        changes = await create_coverage(session, form, chief, services.now())
        return coverage_written(services.form, *changes, is_new=True)

    return await answer_write(request, services, chief, act)


@routes.patch(
    "/{slug}",
    operation_id="changeCoverage",
    responses=returns(Coverage)
    | refuses(
        *WRITING,
        *PAYLOAD,
        UnknownCoverage,
        CoveragePlanned,
        CoveragePublic,
        UnknownMedia,
        EditionsChanged,
    ),
    openapi_extra=takes(
        IDEMPOTENCY_KEY, form=CoverageChangeForm, examples=examples.COVERAGE_CHANGE
    ),
)
async def patch_coverage(
    request: Request,
    services: ServicesDep,
    chief: Chief,
    slug: Slug,
    form: Annotated[CoverageChangeForm, Depends(json_body(CoverageChangeForm))],
) -> Response:
    """Change the head matter; open, pause, close or reopen the page.

    Members that are left out stay as they are.
    """

    async def act(session: AsyncSession) -> Written:
        changes = await change_coverage(session, slug, form, chief, services.now())
        return coverage_written(services.form, *changes)

    return await answer_write(request, services, chief, act)


@routes.post(
    "/{slug}/successor",
    status_code=201,
    operation_id="openSuccessor",
    responses=returns(Coverage, LOCATION, status=201)
    | returns(Coverage)
    | refuses(
        *WRITING,
        *PAYLOAD,
        UnknownCoverage,
        WithdrawnCoverage,
        CoveragePlanned,
        SlugTaken,
        EditionsChanged,
    ),
    openapi_extra=takes(IDEMPOTENCY_KEY, form=SuccessorForm, examples=examples.SUCCESSOR),
)
async def post_successor(
    request: Request,
    services: ServicesDep,
    chief: Chief,
    slug: Slug,
    form: Annotated[SuccessorForm, Depends(json_body(SuccessorForm))],
) -> Response:
    """Close a coverage, and open the one that follows it: the page of the next day.

    The successor has the same kicker, standfirst, languages, bylines, lead image and related
    pages, and a copy of the summary. Each of the two links to the other in `related`. It is no
    edition of another coverage. A request that is repeated answers 200 with the successor, and
    changes nothing. A withdrawn coverage gets no successor. Only chiefs of the whole newsroom may
    do this.
    """

    async def act(session: AsyncSession) -> Written:
        return await open_successor(session, slug, form, chief, services.form, services.now())

    return await answer_write(request, services, chief, act)
