"""One address for the journal: pages of it as JSON, waiting if asked to, or the live stream."""

import hashlib
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request, Response

from app.framing.history import dump_json
from app.hub.replay import resume_at
from app.reader.sight import cache_control, find_visible
from app.reader.stream import EventStream
from app.store.journal import read_since
from app.timeline.coverage import Coverage
from app.timeline.cursor import Cursor, parse_cursor
from app.timeline.event import Event
from app.web.accept import prefer, takes_gzip
from app.web.addresses import Slug
from app.web.caching import FRESH, FULL_PAGE, answer_if_changed
from app.web.callers import identify
from app.web.house import House, TheHouse
from app.web.openapi import refusals, returns, stream

routes = APIRouter(prefix="/v1/coverages", tags=["reading"])

_JSON, _STREAM = "application/json", "text/event-stream"


@routes.get(
    "/{slug}/events", responses=stream(returns("Events")) | refusals(401, 404, 410, 422, 503)
)
async def get_events(
    request: Request,
    house: TheHouse,
    slug: Slug,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 100,
    wait: Annotated[float, Query(ge=0, le=60)] = 0,
    format: Literal["json", "html"] = "json",  # noqa: A002  the contract's name
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """The journal behind a cursor: a page as JSON, or with `text/event-stream` the live stream."""
    caller = await identify(request, house)
    async with house.store.reading() as session:
        coverage = await find_visible(session, slug, caller)
    if prefer(request.headers.get("accept", ""), (_JSON, _STREAM)) == _STREAM:
        compressed = takes_gzip(request.headers.get("accept-encoding", ""))
        start = resume_at(last_event_id or after, coverage.cursor, house.terms.replay_limit)
        lane = f"sse-{format}" + ("-gzip" if compressed else "")
        return EventStream(house, coverage, start, lane, compressed=compressed)
    cursor = parse_cursor(after or "0", coverage.cursor)
    events = await _read(house, coverage, cursor, limit + 1)
    if not events and wait:
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
    etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    control = cache_control(coverage, FULL_PAGE if more else FRESH)
    return await answer_if_changed(request, etag, control, made, headers={"Vary": "Accept"})
