"""The journal of a coverage: pages of it as JSON, with long-polling, or as a live stream."""

from collections.abc import Callable, Mapping, Sequence
from email.utils import formatdate
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from orjson import Fragment
from pydantic import BaseModel, Field
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from app.access.roles import Caller
from app.formats.public_json import Json, PublicJson, dump_json
from app.formats.stored_json import stored_event
from app.formats.wires import choose_wire
from app.hub.hub import OverCapacity
from app.hub.long_poll_queue import PollAnswer, PollQuery, Render
from app.reader.stream import EventStream, charge_replay
from app.reader.visibility import cache_control, find_start, find_visible
from app.server.takeover import can_hold, hold
from app.store.journal import Row, read_rows, row_event
from app.timeline.coverage import Coverage
from app.timeline.cursor import Cursor, parse_cursor
from app.timeline.errors import UnknownCursor
from app.timeline.event import COVERAGE_EVENTS, Event
from app.web.accept import prefer, takes_gzip
from app.web.authentication import identify
from app.web.conditional import (
    FRESH,
    FULL_PAGE,
    answer_if_changed,
    body_etag,
    depends_on,
    public_headers,
)
from app.web.cors import CROSS_ORIGIN
from app.web.identifiers import CursorRef
from app.web.open_response import REASONS, is_followed, until_over, wait_for_disconnect
from app.web.openapi.document import PUBLIC, takes
from app.web.openapi.headers import (
    CACHE_CONTROL,
    ETAG,
    IF_NONE_MATCH,
    LAST_EVENT_ID,
    PAGE_ETAG,
    STREAM_LINK,
)
from app.web.openapi.responses import HIDDEN, READING, or_stream, refuses, returns, unchanged
from app.web.openapi.schemas import Events
from app.web.params import SLUG_PARAMETER
from app.web.query import query_parameters, read_query
from app.web.query_parameters import LAST_EVENT_ID as LAST_EVENT_ID_PARAMETER
from app.web.rate_limits.stream_slot import admit
from app.web.security_headers import security_headers
from app.web.services import Services, services_of

routes = APIRouter(prefix="/v1/coverages", tags=["reading"])

RenderEvent = Callable[[Event], str]

_FEW = 16  # events that are encoded in one go if no HTML is rendered
_JSON, _STREAM = "application/json", "text/event-stream"


class EventsQuery(BaseModel):
    """The part of the journal that is asked for, and its format."""

    after: Annotated[
        CursorRef | None,
        Field(description="After this cursor; `0` is the start. By default a stream begins now."),
    ] = None
    last_event_id: Annotated[
        str | None,
        Field(
            alias=LAST_EVENT_ID_PARAMETER,
            description="The same; takes precedence over `after`. Also as `Last-Event-ID`, in any "
            "letter case. For clients that cannot send the header.",
        ),
    ] = None
    limit: Annotated[int, Field(ge=1, le=100, description="The most events on a page.")] = 100
    wait: Annotated[
        float,
        Field(
            ge=0,
            le=60,
            description="Long-polling: seconds to wait for events if the page is empty. Ignored "
            "for `HEAD`, and if the client has sent another request on the connection.",
        ),
    ] = 0
    format: Annotated[
        Literal["json", "html"],
        Field(description="`html` adds the page's HTML fragment to the entry or details."),
    ] = "json"

    @property
    def cursor(self) -> str | None:
        """The cursor to read after; None for the default."""
        return self.last_event_id or self.after


@routes.get(
    "/{slug}/events",
    operation_id="readEvents",
    responses=or_stream(returns(Events, PAGE_ETAG, CACHE_CONTROL, STREAM_LINK))
    | unchanged(ETAG, CACHE_CONTROL, STREAM_LINK)
    | refuses(*READING, *HIDDEN, UnknownCursor, OverCapacity),
    openapi_extra=takes(
        SLUG_PARAMETER, *query_parameters(EventsQuery), LAST_EVENT_ID, IF_NONE_MATCH
    )
    | PUBLIC,
)
async def get_events(request: Request) -> Response:
    """Read the journal after a cursor: a page as JSON, or the live stream.

    With `Accept: application/json`, or without `Accept`, the response is a page in order of seq;
    with `text/event-stream` it is the stream of server-sent events described above. For an unknown
    cursor a page is a 410; a stream sends `event: reset` instead.
    """
    # Parsed without FastAPI: its cost for each parameter and dependency would be paid by each of
    # ten thousand clients that connect at once.
    services, slug = services_of(request), request.path_params["slug"]
    query = read_query(EventsQuery, request)
    caller = await identify(request, services)
    headers = request.headers
    if prefer(headers.get("accept", ""), (_JSON, _STREAM)) == _STREAM:
        cursor = headers.get("last-event-id") or query.cursor
        head, start = await find_start(services, slug, caller, cursor)
        charge_replay(request, head.seq - start.cursor.seq, is_html=query.format == "html")
        is_compressed = takes_gzip(headers.get("accept-encoding", ""))
        wire = choose_wire("sse", query.format, compressed=is_compressed)
        return EventStream(services, request, caller, slug, head, start, wire)
    if request.scope.get("head") or is_followed(request.receive):
        # HEAD needs no events, and a waiting request would block the next one on its connection.
        query.wait = 0
    if query.wait and query.cursor is not None:
        current = await services.hub.follower.find_head(slug)
        # The hub answers a client that is up to date. The head of a coverage that is not public yet
        # has seq 0.
        is_current = current is not None and current.seq and query.cursor == str(current)
        if current is not None and is_current and can_hold(request.receive):
            release = admit(services, request, "long-poll", caller).hand_over()
            condition = request.headers.get("if-none-match", "")
            parked = hold(request.receive, condition, release)
            services.hub.park(
                slug, PollQuery(current, query.limit, query.format), query.wait, parked
            )
            return _NoResponse()
    return await _answer_page(request, services, slug, caller, query)


class _NoResponse(Response):
    """A response that sends nothing: the hub answers the request later."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send nothing."""


async def _wait(
    request: Request, services: Services, coverage: Coverage, caller: Caller | None, seconds: float
) -> None:
    """Wait in this task, for a request that the hub cannot hold; the stream limiter counts it."""

    async def wait() -> bool:
        await services.hub.wait(coverage.slug, coverage.cursor, seconds)
        return True

    with admit(services, request, "long-poll", caller) as slot:
        ending = await until_over(wait(), wait_for_disconnect(request.receive))
        slot.reason = "answered" if ending == "over" else REASONS[ending]
    if ending == "left":
        raise ClientDisconnect


def long_poll_renderer(
    form: PublicJson, render_event: RenderEvent, transport: Sequence[tuple[str, str]] = ()
) -> Render:
    """Return the function with which the hub answers held long-polling requests.

    Its responses are the same as those to requests that did not wait.

    Args:
        form: the JSON encoder.
        render_event: renders an event as the page's HTML.
        transport: headers that the server adds to all other responses.
    """

    def answer(query: PollQuery, events: Sequence[Event], more: bool) -> PollAnswer:
        render = render_event if query.form == "html" else None
        records = [form.event(event, render) for event in events]
        last = events[-1].cursor if events else query.after
        body = _document(last, records, more)
        etag = body_etag(body)
        headers = {
            "Date": formatdate(usegmt=True),
            **public_headers(
                etag, FULL_PAGE if more else FRESH, "Accept", "Accept-Encoding", "Origin"
            ),
            "Link": _stream_link(last),
            **CROSS_ORIGIN,
            **dict(transport),
        }
        body_headers = {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **security_headers("application/json"),  # with a CSP, which a 304 does not have
        }
        page = _response_head("200 OK", headers | body_headers) + body
        return PollAnswer(etag, page, _response_head("304 Not Modified", headers))

    return answer


def _response_head(status: str, headers: Mapping[str, str]) -> bytes:
    lines = "".join(f"{name.lower()}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode()


async def _answer_page(
    request: Request, services: Services, slug: str, caller: Caller | None, query: EventsQuery
) -> Response:
    rows: list[Row] = []
    limit, slices = query.limit, services.hub.slices
    async with services.store.reading() as session:
        coverage = await find_visible(session, slug, caller)
        after = parse_cursor("0" if query.cursor is None else query.cursor, coverage.cursor)
        # Most readers are up to date, and cost no second database query.
        if after != coverage.cursor:
            rows = await read_rows(session, slug, after.seq, limit + 1)
    if rows or not query.wait or coverage.withdrawn:  # no topic follows a withdrawn one
        depends_on(request, coverage)
    else:
        await _wait(request, services, coverage, caller, query.wait)
        async with services.store.reading() as session:
            coverage = await find_visible(session, slug, caller)  # it may be withdrawn by now
            rows = await read_rows(session, slug, after.seq, limit + 1)
    rows, more = rows[:limit], len(rows) > limit
    form, render = services.form, services.html_renderer.event if query.format == "html" else None

    def encode(row: Row) -> Json | Fragment:
        seq, kind, at, state = row
        if render is None and kind not in COVERAGE_EVENTS:
            stored = stored_event(form, after.at(seq), kind, slug, at, state)
            if stored is not None:
                return stored
        return form.event(row_event(row, slug, after.epoch), render)

    records = await slices.map(encode, rows, at_once=0 if render else _FEW)
    last = after.at(rows[-1][0]) if rows else after
    document = _document(last, records, more)

    async def body() -> bytes:
        return document

    # The ETag is a hash of the body, since a retraction changes even full, old pages.
    control = cache_control(coverage, FULL_PAGE if more else FRESH)
    headers = {"Vary": "Accept", "Link": _stream_link(last)}
    return await answer_if_changed(request, body_etag(document), control, body, headers=headers)


def _stream_link(last: Cursor) -> str:
    # For clients that send no Accept and get JSON: nothing else would point them to the stream.
    return f'<?after={last}>; rel="alternate"; type="text/event-stream"'


def _document(last: Cursor, records: Sequence[Json | Fragment], more: bool) -> bytes:
    return dump_json({"events": records, "cursor": str(last), "more": more})
