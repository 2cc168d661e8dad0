"""Conversions: HTML that was pasted, as the Markdown that editors write; nothing is stored."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.desk.api import examples
from app.desk.render_worker import BodyTooLarge
from app.desk.rendering import Renderer
from app.formats.public_json import dump_json
from app.hub.hub import OverCapacity
from app.store.coverages import find_coverage
from app.timeline.errors import UnknownCoverage
from app.web.authentication import Contributor
from app.web.conditional import private_json
from app.web.json_body import json_body
from app.web.openapi.document import takes
from app.web.openapi.responses import NEWSROOM, PAYLOAD, refuses, returns
from app.web.openapi.schemas import Conversion
from app.web.params import Slug
from app.web.problems import InvalidPayload
from app.web.services import ServicesDep

routes = APIRouter(prefix="/v1/coverages/{slug}/markdown", tags=["newsroom"])


class ConversionForm(BaseModel):
    """HTML of a clipboard."""

    model_config = ConfigDict(extra="forbid", strict=True)

    html: Annotated[str, Field(description="HTML as a program has put it into the clipboard.")]


@routes.post(
    "",
    operation_id="convertToMarkdown",
    responses=returns(Conversion) | refuses(*NEWSROOM, *PAYLOAD, UnknownCoverage, OverCapacity),
    openapi_extra=takes(
        form=ConversionForm,
        examples=examples.PASTED,
    ),
)
async def post_conversion(
    services: ServicesDep,
    caller: Contributor,
    slug: Slug,
    request: Request,
    form: Annotated[ConversionForm, Depends(json_body(ConversionForm))],
) -> Response:
    """Convert HTML to Markdown that the desk can edit; nothing is stored."""
    async with services.store.reading() as session:
        await find_coverage(session, slug)
    renderer: Renderer = request.app.state.renderer
    try:
        markdown = await renderer.convert(form.html, caller.id)
    except BodyTooLarge as refusal:
        raise InvalidPayload([("/html", str(refusal))]) from refusal
    return private_json(dump_json({"markdown": markdown}))
