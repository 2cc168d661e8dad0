"""Templates of entries: read by everybody who writes, changed by chiefs."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from app.desk.api import examples
from app.desk.api.writes import answer_write
from app.formats.public_json import dump_json
from app.newsroom.template_forms import TemplateChangeForm, TemplateForm
from app.newsroom.templates import (
    encode_template,
    find_visible,
    offer_templates,
    template_change,
    template_creation,
    template_deletion,
)
from app.store.coverages import find_coverage
from app.store.templates import TooManyTemplates, UnknownTemplate, list_templates
from app.timeline.errors import UnknownCoverage
from app.web.authentication import AnyChief, AnyContributor
from app.web.conditional import private_json
from app.web.identifiers import CoverageRef
from app.web.json_body import json_body
from app.web.openapi import schemas
from app.web.openapi.document import takes
from app.web.openapi.headers import IDEMPOTENCY_KEY, LOCATION
from app.web.openapi.responses import NEWSROOM, PAYLOAD, WRITING, refuses, returns
from app.web.params import TemplateId
from app.web.services import ServicesDep

routes = APIRouter(prefix="/v1/templates", tags=["newsroom"])

Where = Annotated[
    CoverageRef | None, Query(description="The slug of the coverage that is written in.")
]


@routes.get(
    "",
    operation_id="listTemplates",
    responses=returns(schemas.Templates) | refuses(*NEWSROOM, UnknownCoverage),
)
async def get_templates(
    services: ServicesDep, caller: AnyContributor, coverage: Where = None
) -> Response:
    """List the templates that are offered in a coverage, or those of the whole newsroom.

    In a coverage these are its own, those of the newsroom, and those of the program in the
    coverage's languages that no other template replaces.
    """
    languages: tuple[str, ...] = ()
    if coverage is not None and caller.role_in(coverage) is None:
        raise UnknownCoverage
    async with services.store.reading() as session:
        if coverage is not None:
            languages = (await find_coverage(session, coverage)).languages
        rows = await list_templates(session, coverage)
    return private_json(dump_json({"templates": offer_templates(rows, languages)}))


@routes.post(
    "",
    status_code=201,
    operation_id="createTemplate",
    responses=returns(schemas.Template, LOCATION, status=201)
    | refuses(*WRITING, *PAYLOAD, UnknownCoverage, TooManyTemplates),
    openapi_extra=takes(IDEMPOTENCY_KEY, form=TemplateForm, examples=examples.NEW_TEMPLATE),
)
async def post_template(
    request: Request,
    services: ServicesDep,
    chief: AnyChief,
    form: Annotated[TemplateForm, Depends(json_body(TemplateForm))],
) -> Response:
    """Create a template, for one coverage or for all.

    This needs a chief of that coverage, or of the whole newsroom.
    """
    return await answer_write(request, services, chief, template_creation(services, chief, form))


@routes.get(
    "/{template_id}",
    operation_id="getTemplate",
    responses=returns(schemas.Template) | refuses(*NEWSROOM, UnknownTemplate),
)
async def get_template(
    services: ServicesDep, caller: AnyContributor, template_id: TemplateId
) -> Response:
    """Return one template of the newsroom."""
    async with services.store.reading() as session:
        row = await find_visible(session, template_id, caller, "contributor")
    return private_json(dump_json(encode_template(row)))


@routes.patch(
    "/{template_id}",
    operation_id="changeTemplate",
    responses=returns(schemas.Template) | refuses(*WRITING, *PAYLOAD, UnknownTemplate),
    openapi_extra=takes(
        IDEMPOTENCY_KEY, form=TemplateChangeForm, examples=examples.TEMPLATE_CHANGE
    ),
)
async def patch_template(
    request: Request,
    services: ServicesDep,
    chief: AnyChief,
    template_id: TemplateId,
    form: Annotated[TemplateChangeForm, Depends(json_body(TemplateChangeForm))],
) -> Response:
    """Change a template; entries that were begun with it stay as they are.

    Members that are left out stay as they are. Its coverage cannot be changed.
    """
    act = template_change(services, chief, template_id, form)
    return await answer_write(request, services, chief, act)


@routes.delete(
    "/{template_id}",
    operation_id="deleteTemplate",
    responses=returns(schemas.Template) | refuses(*WRITING, UnknownTemplate),
    openapi_extra=takes(IDEMPOTENCY_KEY),
)
async def delete_template(
    request: Request, services: ServicesDep, chief: AnyChief, template_id: TemplateId
) -> Response:
    """Delete a template; returns its last state."""
    act = template_deletion(chief, template_id)
    return await answer_write(request, services, chief, act)
