"""The chief's coverages: POST and PATCH."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.desk import actions
from app.desk.answers import coverage_answer
from app.desk.forms import CoverageChangeForm, NewCoverageForm
from app.web.addresses import Slug
from app.web.callers import Chief
from app.web.house import TheHouse
from app.web.idempotency import Answer, answer_once
from app.web.openapi import refusals, returns
from app.web.payload import documents, json_body

routes = APIRouter(prefix="/v1/coverages", tags=["newsroom"])


@routes.post(
    "",
    status_code=201,
    responses=returns("Coverage", 201) | refusals(400, 401, 403, 409, 413, 415, 422, 429),
    openapi_extra=documents(NewCoverageForm),
)
async def post_coverage(
    request: Request,
    house: TheHouse,
    chief: Chief,
    form: Annotated[NewCoverageForm, Depends(json_body(NewCoverageForm))],
) -> Response:
    """Open a live page, or plan one."""

    async def act(session: AsyncSession) -> Answer:
        change = await actions.create_coverage(session, form, house.now())
        return coverage_answer(house.form, change, 201)

    return await answer_once(request, house, chief, act)


@routes.patch(
    "/{slug}",
    responses=returns("Coverage") | refusals(400, 401, 403, 404, 409, 413, 415, 422, 429),
    openapi_extra=documents(CoverageChangeForm),
)
async def patch_coverage(
    request: Request,
    house: TheHouse,
    chief: Chief,
    slug: Slug,
    form: Annotated[CoverageChangeForm, Depends(json_body(CoverageChangeForm))],
) -> Response:
    """Change the head matter; open, pause, close or reopen the page."""

    async def act(session: AsyncSession) -> Answer:
        change = await actions.change_coverage(session, slug, form, house.now())
        return coverage_answer(house.form, change)

    return await answer_once(request, house, chief, act)
