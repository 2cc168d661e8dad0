"""A coverage inside somebody else's page: a fragment, which `/embed.js` puts into a shadow root.

Refuses what no reader may know of as if it were not there. Addresses in it are of this site; the
script completes them, since the same entries come by the stream.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from app.formats.html import HtmlRenderer
from app.reader.visibility import find_visible
from app.store.entries import read_page
from app.timeline.coverage import Coverage
from app.timeline.entry import Entry
from app.timeline.selection import Selection
from app.web.conditional import FRESH, answer_if_changed, depends_on, head_etag
from app.web.csp import embed_headers
from app.web.services import ServicesDep

routes = APIRouter(include_in_schema=False)


class EmbedQuery(BaseModel):
    """What a page wants of a coverage."""

    limit: Annotated[int, Field(ge=1, le=20)] = 10
    key_events: bool = False


@routes.get("/coverages/{slug}/embed")
async def get_embed(
    request: Request, services: ServicesDep, slug: str, query: Annotated[EmbedQuery, Query()]
) -> Response:
    """The newest entries of a coverage, as a fragment."""
    selection = Selection(limit=query.limit, key_events=query.key_events)
    async with services.store.reading() as session:
        coverage = await find_visible(session, slug)
        found = await read_page(session, slug, selection)
    depends_on(request, coverage)

    entries, silence, base_url = found.entries, services.hub.config.silence, services.form.base_url

    async def body() -> bytes:
        return render_embed(
            services.html_renderer, coverage, entries, query, silence, base_url
        ).encode()

    etag = head_etag(coverage.cursor)
    policy = embed_headers(services.frame_ancestors)
    return await answer_if_changed(request, etag, FRESH, body, "text/html; charset=utf-8", policy)


def render_embed(
    html_renderer: HtmlRenderer,
    coverage: Coverage,
    entries: tuple[Entry, ...],
    query: EmbedQuery,
    silence: float,
    base_url: str,
) -> str:
    """The fragment.

    Args:
        html_renderer: the newsroom's.
        coverage: a public one.
        entries: its newest, newest first.
        query: what was asked for.
        silence: seconds without a heartbeat until a stream is taken for dead.
        base_url: where the pages are served, without a slash at its end.
    """
    return html_renderer.render(
        "embed.html",
        coverage.language,
        base_url=base_url,
        coverage=coverage,
        days=list(html_renderer.by_day(entries)),
        key_events_only=query.key_events,
        page=f"/coverages/{coverage.slug}",
        silence=round(silence * 1000),
        render_entry=html_renderer.entry,
    )
