"""Embedded coverages: an HTML fragment that `/embed.js` puts into a shadow root of another page.

A coverage that is not public gets the same 404 as one that does not exist. Addresses in the
fragment are relative to this site; the script completes them, since entries from the stream have
the same form.
"""

import re
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

# The addresses that other sites show in a frame, whatever is answered there.
FRAMED = re.compile(r"/coverages/[^/]+/embed/*")


class EmbedQuery(BaseModel):
    """The options of an embedded coverage."""

    limit: Annotated[int, Field(ge=1, le=20)] = 10
    key_events: bool = False


@routes.get("/coverages/{slug}/embed")
async def get_embed(
    request: Request, services: ServicesDep, slug: str, query: Annotated[EmbedQuery, Query()]
) -> Response:
    """Return the newest entries of a coverage as a fragment."""
    selection = Selection(limit=query.limit, key_events=query.key_events)
    async with services.store.reading() as session:
        coverage = await find_visible(session, slug)
        page = await read_page(session, slug, selection)
    depends_on(request, coverage)

    entries, silence, base_url = page.entries, services.hub.config.silence, services.form.base_url

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
    """Render the fragment.

    Args:
        html_renderer: the newsroom's HTML renderer.
        coverage: a public coverage.
        entries: its newest entries, newest first.
        query: the requested options.
        silence: seconds without a heartbeat after which the client reconnects.
        base_url: the address of the pages, without a slash at its end.
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
