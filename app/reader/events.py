"""One address for the journal: pages of it as JSON, waiting if asked to, or the live stream."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request, Response

from app.framing.history import dump_json
from app.hub.hub import OverCapacity
from app.hub.replay import resume_at
from app.reader.sight import cache_control, find_visible
from app.reader.stream import EventStream
from app.store.journal import read_since
from app.timeline.coverage import Coverage
from app.timeline.cursor import Cursor, parse_cursor
from app.timeline.errors import UnknownCoverage, UnknownCursor
from app.timeline.event import Event
from app.web.accept import prefer, takes_gzip
from app.web.addresses import CursorRef, Slug
from app.web.caching import FRESH, FULL_PAGE, answer_if_changed, body_etag, tell_source
from app.web.callers import identify
from app.web.headers import CACHE_CONTROL, ETAG, IF_NONE_MATCH, PAGE_ETAG
from app.web.house import House, TheHouse
from app.web.openapi import PUBLIC, takes
from app.web.problems import InvalidQuery
from app.web.responses import READING, or_stream, refuses, returns, unchanged
from app.web.schemas import Events

routes = APIRouter(prefix="/v1/coverages", tags=["reading"])

_JSON, _STREAM = "application/json", "text/event-stream"


@routes.get(
    "/{slug}/events",
    operation_id="readEvents",
    responses=or_stream(returns(Events, PAGE_ETAG, CACHE_CONTROL))
    | unchanged(ETAG, CACHE_CONTROL)
    | refuses(*READING, UnknownCoverage, UnknownCursor, InvalidQuery, OverCapacity),
    openapi_extra=takes(IF_NONE_MATCH) | PUBLIC,
)
async def get_events(
    request: Request,
    house: TheHouse,
    slug: Slug,
    after: Annotated[
        CursorRef | None,
        Query(description="Behind this cursor; `0` is the beginning. Else a stream begins now."),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="How many on a page at most.")] = 100,
    wait: Annotated[
        float, Query(ge=0, le=60, description="Seconds to hold a page that would be empty.")
    ] = 0,
    format: Annotated[  # noqa: A002  the contract's name
        Literal["json", "html"],
        Query(description="Of a stream: with `html`, the fragment of the page beside the entry."),
    ] = "json",
    last_event_id: Annotated[
        str | None,
        Header(alias="Last-Event-ID", description="Of a stream: the last cursor, before `after`."),
    ] = None,
) -> Response:
    """The journal behind a cursor: a page as JSON, or the live stream.

    With `Accept: application/json`, or none, a page in order of seq; with `text/event-stream` the
    stream of server-sent events, described above. A page behind an unknown cursor is a 410; a
    stream says `event: reset` instead.
    """
    caller = await identify(request, house)
    wants_stream = prefer(request.headers.get("accept", ""), (_JSON, _STREAM)) == _STREAM
    events: list[Event] = []
    async with house.store.reading() as session:
        coverage = await find_visible(session, slug, caller)
        cursor = coverage.cursor
        if not wants_stream:
            cursor = parse_cursor("0" if after is None else after, coverage.cursor)
        # A reader that has everything is most of them, and costs no second look at the database.
        if cursor != coverage.cursor:
            events = await read_since(session, slug, cursor, limit + 1)
    if wants_stream:
        compressed = takes_gzip(request.headers.get("accept-encoding", ""))
        start = resume_at(last_event_id or after, coverage.cursor, house.terms.replay_limit)
        lane = f"sse-{format}" + ("-gzip" if compressed else "")
        return EventStream(house, coverage, start, lane, compressed=compressed)
    if events or not wait:
        tell_source(request, coverage)
    else:
        await house.hub.wait(slug, coverage.cursor, wait)
        events = await _read(house, coverage, cursor, limit + 1)
    return await _page(request, house, coverage, cursor, events, limit)


async def _read(house: House, coverage: Coverage, after: Cursor, limit: int) -> list[Event]:
    async with house.store.reading() as session:
        return await read_since(session, coverage.slug, after, limit)


async def _page(
    request: Request,
    house: House,
    coverage: Coverage,
    after: Cursor,
    events: list[Event],
    limit: int,
) -> Response:
    more = len(events) > limit
    events = events[:limit]
    answer: dict[str, Any] = {
        "events": [house.form.event(event) for event in events],
        "cursor": str(events[-1].cursor if events else after),
        "more": more,
    }
    body = dump_json(answer)

    async def made() -> bytes:
        return body

    # Of the bytes themselves, since a retraction changes a page that is full and old.
    control = cache_control(coverage, FULL_PAGE if more else FRESH)
    return await answer_if_changed(
        request, body_etag(body), control, made, headers={"Vary": "Accept"}
    )
