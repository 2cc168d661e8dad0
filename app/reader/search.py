"""Search in a coverage: as JSON, and as a page that needs no script."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from app.access.roles import Caller
from app.formats.html import HtmlRenderer
from app.formats.public_json import dump_json
from app.formats.search_excerpt import make_excerpt
from app.reader.visibility import cache_control, find_visible
from app.store.search import Found, Place, search
from app.timeline.coverage import Coverage
from app.timeline.search_query import LONGEST_QUERY, SearchQuery, parse_query
from app.web.authentication import identify
from app.web.conditional import FRESH, answer_if_changed, depends_on, head_etag
from app.web.csp import page_headers
from app.web.openapi import schemas
from app.web.openapi.document import PUBLIC, takes
from app.web.openapi.headers import CACHE_CONTROL, ETAG, IF_NONE_MATCH, LINK
from app.web.openapi.responses import HIDDEN, READING, refuses, returns, unchanged
from app.web.params import Slug
from app.web.rate_limits.loop_time import charge
from app.web.services import Services, ServicesDep

routes = APIRouter(tags=["reading"])

_ON_PAGE = 20
_PLACE = r"^[ht](0|[1-9][0-9]{0,17})$"
# The database works where nothing measures a request.
_SECONDS_PER_SEARCH = 0.01


class SearchQueryParameters(BaseModel):
    """What is sought, and a page of the results."""

    q: Annotated[
        str,
        Field(
            max_length=LONGEST_QUERY,
            description='Words, all of which must occur; `"a phrase"`; `-without`.',
            examples=['harbour "state of emergency" -exercise'],
        ),
    ]
    limit: Annotated[int, Field(ge=1, le=100, description="The most results.")] = 20
    after: Annotated[
        str | None, Field(pattern=_PLACE, description="As in `next`: where the page begins.")
    ] = None


@dataclass(frozen=True, slots=True)
class Results:
    """A page of results; `following` is where the next one begins, None on the last."""

    coverage: Coverage
    query: SearchQuery
    found: Sequence[Found]
    following: str | None


async def _read(
    request: Request,
    services: Services,
    slug: str,
    caller: Caller | None,
    parameters: SearchQueryParameters,
) -> Results:
    query, after, limit = parse_query(parameters.q), None, parameters.limit
    if parameters.after is not None:
        after = Place(parameters.after[0] == "h", int(parameters.after[1:]))
    async with services.store.reading() as session:
        coverage = await find_visible(session, slug, caller)
        charge(request, _SECONDS_PER_SEARCH)
        found = await search(session, slug, query, limit + 1, after)
    depends_on(request, coverage)
    following = None
    if len(found) > limit:
        last = found[limit - 1].place
        following = f"{'h' if last.in_headline else 't'}{last.id}"
    return Results(coverage, query, found[:limit], following)


@routes.get(
    "/v1/coverages/{slug}/search",
    operation_id="searchEntries",
    responses=returns(schemas.SearchResults, ETAG, CACHE_CONTROL, LINK)
    | unchanged(ETAG, CACHE_CONTROL, LINK)
    | refuses(*READING, *HIDDEN),
    openapi_extra=takes(IF_NONE_MATCH) | PUBLIC,
)
async def get_search(
    request: Request,
    services: ServicesDep,
    slug: Slug,
    parameters: Annotated[SearchQueryParameters, Query()],
) -> Response:
    """Find published entries by their words.

    Those with all that is sought in the headline come first, and among these and the others the
    newest. Case and accents make no difference; words of three letters and more are found with
    other endings too. Whatever else is in `q` is text, and never an error.
    """
    caller = await identify(request, services)
    results = await _read(request, services, slug, caller, parameters)
    following = None
    if results.following:
        members = {"q": parameters.q, "limit": parameters.limit, "after": results.following}
        address = f"{services.form.base_url}/v1/coverages/{slug}/search"
        following = f"{address}?{urlencode(members)}"

    def encode(found: Found) -> dict[str, object]:
        excerpt = make_excerpt(found.entry, results.query)
        entry = services.form.entry(found.entry)
        return {"entry": entry, "headline": excerpt.headline, "text": excerpt.text}

    async def body() -> bytes:
        encoded = await services.hub.slices.map(encode, results.found)
        cursor = str(results.coverage.cursor)
        return dump_json({"results": encoded, "cursor": cursor, "next": following})

    headers = {"Vary": "Authorization"}
    if following:
        headers["Link"] = f'<{following}>; rel="next"'
    control = cache_control(results.coverage, FRESH)
    etag = head_etag(results.coverage.cursor)
    return await answer_if_changed(request, etag, control, body, headers=headers)


@routes.get("/coverages/{slug}/search", include_in_schema=False)
async def show_search(
    request: Request,
    services: ServicesDep,
    slug: str,
    q: str = "",
    after: str | None = None,
    lite: bool = False,
) -> Response:
    """Show the search form, and the results once something is sought."""
    if after is not None and not re.fullmatch(_PLACE, after):
        after = None
    parameters = SearchQueryParameters(q=q[:LONGEST_QUERY], limit=_ON_PAGE, after=after)
    results = await _read(request, services, slug, None, parameters)

    async def body() -> bytes:
        page = render_search(services.html_renderer, results, parameters.q, lite=lite)
        return page.encode()

    etag = head_etag(results.coverage.cursor)
    return await answer_if_changed(request, etag, FRESH, body, "text/html", page_headers())


def render_search(
    html_renderer: HtmlRenderer, results: Results, typed: str, *, lite: bool = False
) -> str:
    """Render the page with the search form and the results.

    Args:
        html_renderer: the newsroom's HTML renderer.
        results: what was found.
        typed: the query as it was typed; empty for the form alone.
        lite: whether to show words only.
    """
    coverage = results.coverage
    path = f"/coverages/{coverage.slug}/search"
    members = {"q": typed} | ({"lite": "true"} if lite else {})
    following = results.following and urlencode(members | {"after": results.following})
    return html_renderer.render(
        "search.html",
        coverage.language,
        coverage=coverage,
        q=typed,
        path=path,
        excerpts=[(each.entry, make_excerpt(each.entry, results.query)) for each in results.found],
        lite=lite,
        older=f"{path}?{following}" if following else None,
        # The time of the last event, not the clock's: an unchanged page has to stay the same.
        now=coverage.updated_at,
    )
