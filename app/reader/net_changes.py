"""What has changed on a coverage between two positions: one net change for each entry.

A reader who comes back after any absence needs one request, whose cost hardly depends on how much
has happened meanwhile.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.roles import Caller
from app.formats.net_change_json import encode_figure_change, encode_net_change
from app.formats.public_json import decode_entry, dump_json
from app.reader.visibility import cache_control, find_visible
from app.store.journal import find_last
from app.store.net_changes import (
    Outline,
    Page,
    Range,
    read_figure_changes,
    read_net_changes,
)
from app.timeline.coverage import Coverage
from app.timeline.cursor import Cursor, parse_cursor
from app.timeline.errors import UnknownCursor
from app.timeline.net_change import DECISIVE, ChangeKind, FigureChange, NetChange
from app.web.authentication import identify
from app.web.conditional import (
    FRESH,
    FULL_PAGE,
    answer_if_changed,
    body_etag,
    depends_on,
    head_etag,
)
from app.web.openapi import schemas
from app.web.openapi.document import PUBLIC, takes
from app.web.openapi.headers import CACHE_CONTROL, ETAG, IF_NONE_MATCH, PAGE_ETAG
from app.web.openapi.responses import HIDDEN, READING, refuses, returns, unchanged
from app.web.params import Slug
from app.web.position import LARGEST_OFFSET, Position
from app.web.problems import InvalidQuery
from app.web.rate_limits.loop_time import charge
from app.web.services import Services, ServicesDep

routes = APIRouter(prefix="/v1/coverages/{slug}", tags=["reading"])

_FEW = 16  # states that are decoded in one go
# The database works in a thread, where nothing measures a request; 20,000 events take 0.1 s, and as
# many publications 2 ms.
_SECONDS_PER_EVENT = 5e-6
_SECONDS_PER_PUBLICATION = 1e-7


class ChangesQuery(BaseModel):
    """The two positions, and the page of the changes between them."""

    from_: Annotated[
        Position,
        Field(alias="from", description="A cursor, `0` for the start, or a time (inclusive)."),
    ]
    to: Annotated[
        Position | None,
        Field(description="The later position; by default the head of the journal."),
    ] = None
    limit: Annotated[int, Field(ge=1, le=100, description="The most changes, and figures.")] = 50
    offset: Annotated[
        int, Field(ge=0, le=LARGEST_OFFSET, description="How many of each to skip.")
    ] = 0


@dataclass(frozen=True, slots=True)
class Changes:
    """A page of the net changes between two positions of a coverage's journal.

    Args:
        coverage: the coverage now, read in the same transaction.
        after: the earlier position.
        until: the later position.
        is_fixed: whether no later event belongs to the range, so that only a retraction alters it.
        counts: the number of entries by kind, on all pages.
        changes: the changes on this page, in their order.
        figures: the figures that changed, on this page.
        more: whether there are more of either.
    """

    coverage: Coverage
    after: Cursor
    until: Cursor
    is_fixed: bool
    counts: Mapping[ChangeKind, int]
    changes: Sequence[NetChange]
    figures: Sequence[FigureChange]
    more: bool


async def read_changes(
    request: Request,
    services: Services,
    slug: str,
    caller: Caller | None,
    positions: tuple[datetime | str, datetime | str | None],
    page: Page,
) -> Changes:
    """Read a page of the net changes between two positions.

    Args:
        request: the request, whose address is charged for the work of the database.
        services: the application's services.
        slug: the coverage's slug.
        caller: the caller of the newsroom; None for a reader.
        positions: each a time or a cursor; the later one may be None for the head.
        page: which of the changes, and which of the figures.

    Raises:
        UnknownCoverage: there is none that is visible to the caller.
        UnknownCursor: a position is no cursor of the journal.
        InvalidQuery: the second position is before the first.
    """
    async with services.store.reading() as session:
        coverage = await find_visible(session, slug, caller)
        earlier, later = positions
        after = await _find_seq(session, coverage, earlier)
        until = coverage.cursor.seq
        if later is not None:
            until = await _find_seq(session, coverage, later)
        are_times = isinstance(earlier, datetime) and isinstance(later, datetime)
        if until < after or (are_times and later < earlier):  # type: ignore[operator]
            raise InvalidQuery([("/to", "must not be before `from`")])
        between = Range(slug, after, until)
        counts, outlines, more = await read_net_changes(session, between, page)
        counted = counts.get("published", 0)
        grouped = until - after - counted
        charge(request, grouped * _SECONDS_PER_EVENT + counted * _SECONDS_PER_PUBLICATION)
        figures, more_figures = await read_figure_changes(session, between, page)
    decode = partial(_decode, slug=slug)
    return Changes(
        coverage=coverage,
        after=coverage.cursor.at(after),
        until=coverage.cursor.at(until),
        # A later event may have the time of the last one, but none before it.
        is_fixed=isinstance(later, str) or (later is not None and later < coverage.updated_at),
        counts=counts,
        changes=await services.hub.slices.map(decode, outlines, at_once=_FEW),
        figures=figures,
        more=more or more_figures,
    )


async def _find_seq(session: AsyncSession, coverage: Coverage, position: datetime | str) -> int:
    if isinstance(position, datetime):
        return await find_last(session, coverage.slug, position)
    return parse_cursor(position, coverage.cursor).seq


def _decode(outline: Outline, slug: str) -> NetChange:
    before, after = (
        decode_entry(orjson.loads(state), slug) if state else None
        for state in (outline.before, outline.after)
    )
    assert after is not None
    return NetChange(outline.kind, outline.at, outline.seq, before, after)


@routes.get(
    "/changes",
    operation_id="readChanges",
    responses=returns(schemas.NetChanges, PAGE_ETAG, CACHE_CONTROL)
    | unchanged(ETAG, CACHE_CONTROL)
    | refuses(*READING, *HIDDEN, UnknownCursor),
    openapi_extra=takes(IF_NONE_MATCH) | PUBLIC,
)
async def get_changes(
    request: Request, services: ServicesDep, slug: Slug, query: Annotated[ChangesQuery, Query()]
) -> Response:
    """Return what has changed between two positions: one net change for each entry.

    The order is: retracted; corrected; with a disputed, false or withdrawn statement; outdated; new
    key events; otherwise assessed; new; amended. In each the newest come first. An entry that was
    published in between is `published`, whatever followed, unless it is retracted by now. Of a
    retracted entry there is the tombstone alone. Pins are no changes.
    """
    caller = await identify(request, services)
    page = Page(query.offset, query.limit)
    changes = await read_changes(request, services, slug, caller, (query.from_, query.to), page)
    depends_on(request, changes.coverage)
    form = services.form
    encode = partial(encode_net_change, form=form)
    records = await services.hub.slices.map(encode, changes.changes, at_once=_FEW)
    following = {
        "from": changes.after,
        "to": changes.until,
        "limit": query.limit,
        "offset": query.offset + query.limit,
    }
    address = f"{form.base_url}/v1/coverages/{slug}/changes?{urlencode(following)}"
    document = dump_json(
        {
            "from": str(changes.after),
            "to": str(changes.until),
            "counts": {kind: changes.counts.get(kind, 0) for _, kind in DECISIVE},
            "changes": records,
            "figures": [encode_figure_change(figure) for figure in changes.figures],
            "more": changes.more,
            "next": address if changes.more else None,
        }
    )

    async def body() -> bytes:
        return document

    control, etag = FRESH, head_etag(changes.coverage.cursor)
    if changes.is_fixed:
        control, etag = FULL_PAGE, body_etag(document)
    control = cache_control(changes.coverage, control)
    return await answer_if_changed(request, etag, control, body, headers={"Vary": "Authorization"})
