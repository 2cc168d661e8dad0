"""The page of places: where the entries of a coverage took place, newest first."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from app.formats.html import HtmlRenderer
from app.reader.visibility import find_visible
from app.store.entries import read_page
from app.timeline.coverage import Coverage
from app.timeline.entry import Entry, Place
from app.timeline.selection import Selection, Slice
from app.web.conditional import FRESH, answer_if_changed, depends_on, head_etag
from app.web.csp import page_headers
from app.web.services import ServicesDep

routes = APIRouter(include_in_schema=False)

_ON_PAGE = 50  # entries


@routes.get("/coverages/{slug}/places")
async def show_places(
    request: Request,
    services: ServicesDep,
    slug: str,
    before: str | None = None,
    lite: bool = False,
) -> Response:
    """Show the places of a coverage, with the entries of each."""
    selection = Selection(_ON_PAGE, before=before, places=True)
    async with services.store.reading() as session:
        coverage = await find_visible(session, slug)
        placed = await read_page(session, slug, selection)
    depends_on(request, coverage)

    async def body() -> bytes:
        base_url = services.form.base_url
        page = render_places(services.html_renderer, coverage, placed, base_url, lite=lite)
        return page.encode()

    etag = head_etag(coverage.cursor)
    headers = page_headers(third_parties=services.third_parties)
    return await answer_if_changed(request, etag, FRESH, body, "text/html", headers)


def render_places(
    html_renderer: HtmlRenderer,
    coverage: Coverage,
    placed: Slice,
    base_url: str,
    *,
    lite: bool = False,
) -> str:
    """Render the page of places.

    A place stands where its newest entry of the page is. It may come again on an older page.

    Args:
        html_renderer: the newsroom's HTML renderer.
        coverage: a public coverage.
        placed: a page of its entries that have a place, newest first.
        base_url: the address of the pages, without a slash at its end.
        lite: whether to show words only.
    """
    path = f"/coverages/{coverage.slug}/places"
    by_place: dict[Place, list[Entry]] = {}
    for entry in placed.entries:
        if entry.place is not None:
            by_place.setdefault(entry.place, []).append(entry)
    older = None
    if placed.has_older:
        members = {"before": placed.entries[-1].id} | ({"lite": "true"} if lite else {})
        older = f"{path}?{urlencode(members)}"
    return html_renderer.render(
        "places.html",
        coverage.language,
        coverage=coverage,
        places=list(by_place.items()),
        path=path,
        canonical=f"{base_url}{path}",
        lite=lite,
        older=older,
        # The time of the last event, not the clock's: an unchanged page has to stay the same.
        now=coverage.updated_at,
    )
