"""The section with a coverage's figures, as an HTML fragment for the script of an open page.

A page without scripts has the section in it; the table for other programs is
`/v1/coverages/{slug}/figures`.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from app.reader.page_query import PageQuery
from app.reader.visibility import find_visible
from app.store.journal import find_last
from app.store.past import find_coverage_as_of, read_figures_as_of
from app.web.conditional import FRESH, answer_if_changed, depends_on, head_etag
from app.web.csp import page_headers
from app.web.services import ServicesDep
from app.web.text_types import QueryMoment

routes = APIRouter(include_in_schema=False)


class FigurePanelQuery(BaseModel):
    """The figures as of a time; by default as they are now."""

    at: QueryMoment | None = None


@routes.get("/coverages/{slug}/figures")
async def get_figure_panel(
    request: Request, services: ServicesDep, slug: str, query: Annotated[FigurePanelQuery, Query()]
) -> Response:
    """Return the section; hidden if there are no figures."""
    async with services.store.reading() as session:
        coverage = shown = await find_visible(session, slug)
        if query.at is None:
            figures = await services.figure_tables.read(session, coverage)
        else:
            last = await find_last(session, slug, query.at)
            figures = await read_figures_as_of(session, slug, last)
            past = await find_coverage_as_of(session, slug, coverage.cursor.at(last))
            shown = past or coverage
    depends_on(request, coverage)
    address = PageQuery().change(at=query.at).figures_address(f"/coverages/{slug}")

    async def body() -> bytes:
        seq = coverage.cursor.seq
        return services.html_renderer.figures(shown, figures, address, seq).encode()

    headers = {"X-Robots-Tag": "noindex", **page_headers()}
    etag = head_etag(coverage.cursor)
    return await answer_if_changed(request, etag, FRESH, body, "text/html; charset=utf-8", headers)
