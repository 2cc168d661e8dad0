"""Withdraw coverages and bring them back, archive them and list them again, for chiefs."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.desk.api import examples
from app.desk.api.writes import operation_of, respond
from app.newsroom.availability import archive, bring_back, encode_availability, withdraw
from app.newsroom.forms import WithdrawalForm
from app.store.coverages import find_coverage
from app.timeline.errors import CoveragePlanned, EditionsChanged, UnknownCoverage
from app.web.authentication import Chief, Contributor
from app.web.conditional import private_json
from app.web.json_body import json_body
from app.web.openapi.document import takes
from app.web.openapi.headers import IDEMPOTENCY_KEY
from app.web.openapi.responses import NEWSROOM, PAYLOAD, WRITING, refuses, returns
from app.web.openapi.schemas import Availability
from app.web.params import Slug
from app.web.services import ServicesDep

routes = APIRouter(prefix="/v1/coverages/{slug}", tags=["chief"])

_WRITTEN = returns(Availability) | refuses(*WRITING, UnknownCoverage)


@routes.get(
    "/availability",
    operation_id="readAvailability",
    responses=returns(Availability) | refuses(*NEWSROOM, UnknownCoverage),
)
async def get_availability(services: ServicesDep, caller: Contributor, slug: Slug) -> Response:  # noqa: ARG001
    """Return whether readers get a coverage, and whether the index lists it."""
    async with services.store.reading() as session:
        coverage = await find_coverage(session, slug)
    return private_json(encode_availability(coverage))


@routes.put(
    "/withdrawal",
    operation_id="withdrawCoverage",
    responses=returns(Availability)
    | refuses(*WRITING, *PAYLOAD, UnknownCoverage, CoveragePlanned, EditionsChanged),
    openapi_extra=takes(IDEMPOTENCY_KEY, form=WithdrawalForm, examples=examples.WITHDRAWAL),
)
async def put_withdrawal(
    request: Request,
    services: ServicesDep,
    chief: Chief,
    slug: Slug,
    form: Annotated[WithdrawalForm, Depends(json_body(WithdrawalForm))],
) -> Response:
    """Withdraw a coverage from the public: every address of it is a 410 with the note.

    Its streams end, and every list leaves it out. The newsroom still reads and changes it. Nothing
    is deleted, and its journal stays as it is. A second request replaces the note.
    """
    operation = await operation_of(request, services, chief)
    return respond(await withdraw(services, operation, slug, form.note))


@routes.delete(
    "/withdrawal",
    operation_id="bringBackCoverage",
    responses=returns(Availability)
    | refuses(*WRITING, UnknownCoverage, CoveragePlanned, EditionsChanged),
    openapi_extra=takes(IDEMPOTENCY_KEY),
)
async def delete_withdrawal(
    request: Request, services: ServicesDep, chief: Chief, slug: Slug
) -> Response:
    """Bring a withdrawn coverage back to the public, as it was."""
    operation = await operation_of(request, services, chief)
    return respond(await bring_back(services, operation, slug))


@routes.put(
    "/archiving",
    operation_id="archiveCoverage",
    responses=_WRITTEN,
    openapi_extra=takes(IDEMPOTENCY_KEY),
)
async def put_archiving(
    request: Request, services: ServicesDep, chief: Chief, slug: Slug
) -> Response:
    """Take a coverage from the index and the news sitemap while it is closed.

    All of its addresses stay public.
    """
    operation = await operation_of(request, services, chief)
    return respond(await archive(services, operation, slug, is_archived=True))


@routes.delete(
    "/archiving",
    operation_id="unarchiveCoverage",
    responses=_WRITTEN,
    openapi_extra=takes(IDEMPOTENCY_KEY),
)
async def delete_archiving(
    request: Request, services: ServicesDep, chief: Chief, slug: Slug
) -> Response:
    """List an archived coverage in the index again."""
    operation = await operation_of(request, services, chief)
    return respond(await archive(services, operation, slug, is_archived=False))
