"""How an entry would look: the reader's own rendering of what is being written.

Refuses to store anything.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import ConfigDict

from app.desk.api import examples
from app.desk.rendering import rendered
from app.formats.public_json import dump_json
from app.hub.hub import OverCapacity
from app.newsroom.fields import entry_fields
from app.newsroom.forms import NewEntryForm
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
    """An entry as far as it is written; when it would go out is taken and not looked at."""

    model_config = ConfigDict(json_schema_extra={})  # nothing has to be there yet


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
    """See an entry as readers would, published now; nothing is stored."""
    now = services.now()
    async with services.store.reading() as session:
        coverage = await find_coverage(session, slug)
        # Whoever writes here may see what stands here already: an editor may have put it there.
        owners = await find_owners(session, form.media)
        here = [media_id for media_id, owner in owners.items() if owner.coverage == slug]
        kept = await find_media(session, here)
        fields = await entry_fields(session, form, caller, tuple(kept.values()))
    fields.setdefault("language", coverage.language)
    entry = Entry(
        id="preview",
        coverage=slug,
        status="published",
        seq=0,
        updated_at=now,
        published_at=now,
        **fields,
    )
    body = dump_json({"html": services.html_renderer.entry(entry)})
    return private_json(body)
