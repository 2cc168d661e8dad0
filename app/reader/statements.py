"""Claims and figures of a coverage: who says what, and which numbers each source gives."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Query, Request, Response
from orjson import Fragment
from pydantic import BaseModel, Field
from sqlmodel.ext.asyncio.session import AsyncSession

from app.formats.ledger_json import LedgerJson
from app.formats.public_json import dump_json
from app.reader.visibility import cache_control, find_visible
from app.store.journal import find_last
from app.store.statements import ClaimSelection, FigureSelection, read_claims, read_observations
from app.timeline.claim import AssessmentStatus
from app.timeline.coverage import Coverage
from app.timeline.figure_table import FigureTable
from app.timeline.ledger import Observation, flatten, group_series, ledger
from app.timeline.published_claim import PublishedClaim
from app.web.authentication import identify
from app.web.conditional import FRESH, answer_if_changed, depends_on, head_etag
from app.web.openapi import schemas
from app.web.openapi.document import PUBLIC, takes
from app.web.openapi.headers import CACHE_CONTROL, ETAG, IF_NONE_MATCH
from app.web.openapi.responses import HIDDEN, READING, refuses, returns, returns_file, unchanged
from app.web.params import Slug
from app.web.services import Services, ServicesDep
from app.web.text_types import Line, QueryMoment

routes = APIRouter(prefix="/v1/coverages/{slug}", tags=["reading"])

_CSV = "text/csv; charset=utf-8; header=present"
_CONDITIONAL = takes(IF_NONE_MATCH) | PUBLIC
_COMMON = unchanged(ETAG, CACHE_CONTROL) | refuses(*READING, *HIDDEN)

At = Annotated[
    QueryMoment | None, Field(description="As it was at this time; by default as it is now.")
]
Found = TypeVar("Found")


class ClaimsQuery(BaseModel):
    """Which claims."""

    status: Annotated[AssessmentStatus | None, Field(description="With this status only.")] = None
    source: Annotated[Line | None, Field(description="Of this source only, by name.")] = None
    at: At = None


class FigureTableQuery(BaseModel):
    """Which figures."""

    metric: Annotated[Line | None, Field(description="Of this metric only.")] = None
    group: Annotated[Line | None, Field(description="Of this group only.")] = None
    source: Annotated[Line | None, Field(description="Of this source only, by name.")] = None
    at: At = None

    @property
    def selection(self) -> FigureSelection:
        """The figures to read."""
        return FigureSelection(self.metric, self.group, self.source)


class FiguresQuery(FigureTableQuery):
    """Which figures, and in which form."""

    history: Annotated[
        bool, Field(description="All observations as a flat list, each with its successor.")
    ] = False


@routes.get(
    "/claims",
    operation_id="listClaims",
    responses=returns(schemas.Claims, ETAG, CACHE_CONTROL) | _COMMON,
    openapi_extra=_CONDITIONAL,
)
async def get_claims(
    request: Request, services: ServicesDep, slug: Slug, query: Annotated[ClaimsQuery, Query()]
) -> Response:
    """List the claims of standing entries, the one that was assessed last first."""
    form, selection = _form(services, slug), ClaimSelection(query.status, query.source)

    def encode(claims: list[PublishedClaim], cursor: str) -> bytes:
        return dump_json({"claims": [form.claim(claim) for claim in claims], "cursor": cursor})

    return await _answer(
        request,
        services,
        slug,
        query.at,
        lambda session, _, seq: read_claims(session, slug, selection, seq),
        encode,
    )


@routes.get(
    "/figures",
    operation_id="listFigures",
    responses=returns(schemas.Figures, ETAG, CACHE_CONTROL) | _COMMON,
    openapi_extra=_CONDITIONAL,
)
async def get_figures(
    request: Request, services: ServicesDep, slug: Slug, query: Annotated[FiguresQuery, Query()]
) -> Response:
    """List what each source says of each metric and group, in order of first appearance.

    The current observation of a series is the one with the latest `as_of`, then the latest
    published one. `sources_differ` says that the ranges of two sources do not meet: it describes
    the numbers and judges nobody.
    """
    form = _form(services, slug)

    async def read(
        session: AsyncSession, coverage: Coverage, seq: int | None
    ) -> FigureTable | list[Observation]:
        if query == FiguresQuery():
            return await services.figure_tables.read(session, coverage)
        return await read_observations(session, slug, query.selection, seq, whole=query.history)

    def encode(found: FigureTable | list[Observation], cursor: str) -> bytes:
        if isinstance(found, FigureTable):
            groups = found.derive(
                "ledger", lambda: dump_json([form.group(g) for g in group_series(found.series)])
            )
            return dump_json({"figures": Fragment(groups), "cursor": cursor})
        if query.history:
            figures = [form.flat(line) for line in flatten(found)]
        else:
            figures = [form.group(group) for group in ledger(found)]
        return dump_json({"figures": figures, "cursor": cursor})

    return await _answer(request, services, slug, query.at, read, encode)


@routes.get(
    "/figures.csv",
    operation_id="readFigureTable",
    responses=returns_file("text/csv", ETAG, CACHE_CONTROL) | _COMMON,
    openapi_extra=_CONDITIONAL,
)
async def get_figure_table(
    request: Request, services: ServicesDep, slug: Slug, query: Annotated[FigureTableQuery, Query()]
) -> Response:
    """Return all observations as a table in CSV."""
    form = _form(services, slug)
    return await _answer(
        request,
        services,
        slug,
        query.at,
        lambda session, _, seq: read_observations(session, slug, query.selection, seq, whole=True),
        lambda found, _cursor: form.table(flatten(found)),
        _CSV,
    )


def _form(services: Services, slug: str) -> LedgerJson:
    return LedgerJson(f"{services.form.base_url}/coverages/{slug}")


async def _answer(
    request: Request,
    services: Services,
    slug: str,
    at: QueryMoment | None,
    read: Callable[[AsyncSession, Coverage, int | None], Awaitable[Found]],
    encode: Callable[[Found, str], bytes],
    media_type: str = "application/json",
) -> Response:
    """Read in one transaction what stood at a time (None: now), and answer with its encoding."""
    caller = await identify(request, services)
    async with services.store.reading() as session:
        coverage = await find_visible(session, slug, caller)
        seq = None if at is None else await find_last(session, slug, at)
        found = await read(session, coverage, seq)
    depends_on(request, coverage)

    async def body() -> bytes:
        return encode(found, str(coverage.cursor))

    control = cache_control(coverage, FRESH)
    headers = {"Vary": "Authorization"}
    return await answer_if_changed(
        request, head_etag(coverage.cursor), control, body, media_type, headers
    )
