"""Previews: render an unfinished entry as readers would see it, without storing anything."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import ConfigDict, field_validator

from app.desk.api import examples
from app.desk.rendering import rendered
from app.formats.public_json import dump_json
from app.hub.hub import OverCapacity
from app.newsroom.fields import entry_fields
from app.newsroom.forms import NewEntryForm
from app.newsroom.statement_forms import ClaimForm
from app.store.coverages import find_coverage
from app.store.media import find_media
from app.store.ownership import find_owners
from app.timeline.entry import Entry
from app.timeline.errors import UnknownCoverage
from app.web.authentication import Contributor
from app.web.conditional import private_json
from app.web.openapi.document import takes
from app.web.openapi.responses import NEWSROOM, PAYLOAD, refuses, returns
from app.web.openapi.schemas import Preview
from app.web.params import Slug
from app.web.problems import UnknownMedia
from app.web.services import ServicesDep

routes = APIRouter(prefix="/v1/coverages/{slug}/preview", tags=["newsroom"])


class PreviewForm(NewEntryForm):
    """An unfinished entry; `draft` and `embargo_until` are accepted and ignored."""

    model_config = ConfigDict(json_schema_extra={})  # no member is required yet

    @field_validator("claims")
    @classmethod
    def _all_new(cls, claims: list[ClaimForm]) -> list[ClaimForm]:
        # The entry that has these claims is not read for a preview.
        return [claim.model_copy(update={"id": None}) for claim in claims]


@routes.post(
    "",
    operation_id="previewEntry",
    responses=returns(Preview)
    | refuses(*NEWSROOM, *PAYLOAD, UnknownCoverage, UnknownMedia, OverCapacity),
    openapi_extra=takes(form=PreviewForm, examples=examples.NEW_ENTRY),
)
async def post_preview(
    services: ServicesDep,
    caller: Contributor,
    slug: Slug,
    form: Annotated[PreviewForm, Depends(rendered(PreviewForm))],
) -> Response:
    """Render an entry as readers would see it if it were published now; nothing is stored."""
    now = services.now()
    async with services.store.reading() as session:
        coverage = await find_coverage(session, slug)
        # The caller may also use media that this coverage shows already, whoever uploaded them: an
        # editor may have added them to the entry.
        owners = await find_owners(session, form.media)
        own = [media_id for media_id, owner in owners.items() if owner.coverage == slug]
        media = await find_media(session, own)
        entry = Entry(
            id="preview",
            coverage=slug,
            status="published",
            seq=0,
            updated_at=now,
            published_at=now,
            language=coverage.language,
            media=tuple(media.values()),
        )
        fields = await entry_fields(session, form, caller, coverage, now, entry)
    fields.setdefault("media", ())
    body = dump_json({"html": services.html_renderer.entry(replace(entry, **fields))})
    return private_json(body)
