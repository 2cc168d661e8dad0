"""Multiplexed stream: the live streams of several coverages on one connection.

A browser opens at most six connections to a server over HTTP/1.1, however many tabs it has, so the
tabs share one stream. Each such stream is a task that writes through ASGI. This is slower than the
stream of one coverage, which thousands of readers use and which the hub writes itself.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from starlette.types import Receive, Scope, Send

from app.access.roles import Caller
from app.formats.multiplex import MultiplexEncoder, parse_composite
from app.formats.wires import Wire, choose_wire
from app.hub.hub import OverCapacity
from app.hub.replay import Start
from app.hub.retry import retry_delay
from app.hub.subscriber import Subscriber
from app.reader.stream import charge_replay, stream_headers, transport_of
from app.reader.visibility import find_start
from app.server.takeover import transport_below
from app.timeline.cursor import Cursor
from app.timeline.errors import UnknownCoverage
from app.web.accept import takes_gzip
from app.web.authentication import identify
from app.web.identifiers import CoverageRef
from app.web.open_response import REASONS, cut, until_over, wait_for_disconnect
from app.web.openapi.document import PUBLIC, takes
from app.web.openapi.headers import LAST_EVENT_ID
from app.web.openapi.responses import HIDDEN, READING, refuses, streams_events
from app.web.query import query_parameters, read_query
from app.web.query_parameters import LAST_EVENT_ID as LAST_EVENT_ID_PARAMETER
from app.web.rate_limits.stream_slot import admit
from app.web.services import Services, ServicesDep

MOST = 50  # coverages in one stream

routes = APIRouter(prefix="/v1", tags=["reading"])


class MultiplexQuery(BaseModel):
    """The coverages to follow, and the cursors to start from."""

    coverage: Annotated[
        list[CoverageRef],
        Field(
            min_length=1,
            max_length=MOST,
            description="The coverage to follow; may be repeated.",
            examples=[["moon-landing"]],
        ),
    ]
    after: Annotated[
        str | None,
        Field(
            description="After these cursors: `SLUG:CURSOR`, separated by commas. A cursor without "
            "a slug is for all others, such as `0` for the beginning. By default they begin now.",
            examples=["moon-landing:7c9e4d21-3,landing-site:51d0b8e6-12"],
        ),
    ] = None
    last_event_id: Annotated[
        str | None,
        Field(
            alias=LAST_EVENT_ID_PARAMETER,
            description="The same; takes precedence over `after`. Also as `Last-Event-ID`, in any "
            "letter case. For clients that cannot send the header.",
        ),
    ] = None
    format: Annotated[
        Literal["json", "html"],
        Field(description="`html` adds the page's HTML fragment to the entry or details."),
    ] = "json"


@routes.get(
    "/events",
    operation_id="followCoverages",
    responses=streams_events() | refuses(*READING, *HIDDEN, OverCapacity),
    openapi_extra=takes(*query_parameters(MultiplexQuery), LAST_EVENT_ID) | PUBLIC,
)
async def get_events(request: Request, services: ServicesDep) -> Response:
    """Follow several coverages in one stream of server-sent events.

    The events are those of each coverage's own stream, and each names its `coverage`. An `id` has
    the cursors of all coverages, in the form of `after`; `Last-Event-ID` takes precedence over
    `after`. `event: reset` names a coverage that the client has to load again. `event: gone` names
    a coverage that does not exist or is withdrawn; the others go on. Without any, the response is
    the refusal of the first: a 404 or a 410.
    """
    caller = await identify(request, services)
    query = read_query(MultiplexQuery, request)
    last = request.headers.get("last-event-id") or query.last_event_id
    positions = Positions(query.after, last)
    sources = []
    unknown = {}
    for slug in dict.fromkeys(query.coverage):
        try:
            head, start = await find_start(services, slug, caller, positions.of(slug))
        except UnknownCoverage as error:
            unknown[slug] = error
        else:
            sources.append(Source(slug, head, start))
    if not sources:
        raise next(iter(unknown.values()))
    behind = sum(source.head.seq - source.start.cursor.seq for source in sources)
    charge_replay(request, behind, is_html=query.format == "html")
    is_compressed = takes_gzip(request.headers.get("accept-encoding", ""))
    wire = choose_wire("sse", query.format, compressed=is_compressed)
    return MultiplexedStream(services, request, caller, sources, [*unknown], wire)


class Positions:
    """The client's cursors in each coverage.

    Args:
        after: the cursors in the address, for coverages that the header does not name.
        last_event_id: the cursors in the header, which are newer.
    """

    def __init__(self, after: str | None, last_event_id: str | None) -> None:
        self._named, self._rest = parse_composite(after)
        named, rest = parse_composite(last_event_id)
        self._named |= named
        self._rest = self._rest if rest is None else rest

    def of(self, slug: str) -> str | None:
        """Return the cursor that was given for a coverage; None to begin now."""
        return self._named.get(slug, self._rest)


@dataclass(frozen=True, slots=True)
class Source:
    """A coverage that is streamed: the current head of its journal, and where the stream starts."""

    slug: str
    head: Cursor
    start: Start


class MultiplexedStream(Response):
    """A response that streams several coverages.

    Args:
        services: the application's services.
        request: the request that it answers.
        caller: the authenticated caller; None for a reader.
        sources: the coverages that are streamed.
        unknown: the slugs of requested coverages that do not exist or are withdrawn.
        wire: the wire format.
    """

    def __init__(
        self,
        services: Services,
        request: Request,
        caller: Caller | None,
        sources: Sequence[Source],
        unknown: Sequence[str],
        wire: Wire,
    ) -> None:
        self.status_code = 200
        self.background = None
        self.raw_headers = stream_headers(wire)
        self._services = services
        self._request = request
        self._caller = caller
        self._sources = sources
        self._unknown = unknown
        self._wire = wire
        self._encoder = MultiplexEncoder(compress=wire.is_compressed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the stream. Its headers are sent only after the stream limiter has admitted it."""

        async def write(body: bytes, *, more: bool = True) -> None:
            await send({"type": "http.response.body", "body": body, "more_body": more})

        head = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        if scope.get("head"):
            await send(head)
            await write(b"", more=False)
            return
        with (
            admit(self._services, self._request, transport_of(self._wire), self._caller) as slot,
            ExitStack() as stack,
        ):
            await send(head)
            # Subscribers get the uncompressed form: each event first gets a composite id, and is
            # then compressed.
            hub, wire = self._services.hub, choose_wire("sse", self._wire.form)
            transport = transport_below(receive)
            subscribers = {
                source.slug: stack.enter_context(
                    hub.subscription(
                        source.slug,
                        source.head,
                        wire,
                        source.start.cursor.seq,
                        transport,
                    )
                )
                for source in self._sources
            }
            ending = await until_over(self._run(subscribers, write), wait_for_disconnect(receive))
            slot.reason = REASONS[ending]
            if ending == "stalled":
                cut(receive)
            if ending != "left":
                await write(b"", more=False)

    async def _run(
        self, subscribers: Mapping[str, Subscriber], write: Callable[[bytes], Awaitable[None]]
    ) -> bool:
        """Write until the stream is over; False if the client could not keep up."""
        config, loop = self._services.hub.config, asyncio.get_running_loop()
        until = loop.time() + config.lifetime * random.uniform(0.8, 1.0)  # noqa: S311
        cursors = {source.slug: source.start.cursor for source in self._sources}
        blocks: list[bytes] | None = [
            self._encoder.start(cursors, retry_delay()),
            *(
                self._encoder.reset(cursors, source.slug, source.start.reset)
                for source in self._sources
                if source.start.reset
            ),
            *map(self._encoder.gone, self._unknown),
        ]
        while blocks is not None:
            try:
                async with asyncio.timeout(config.stall):
                    await write(b"".join(blocks or [self._encoder.heartbeat]))
                for subscriber in subscribers.values():
                    subscriber.written = subscriber.seq
            except TimeoutError:
                return False
            remaining = until - loop.time()
            await wait_for_any(list(subscribers.values()), min(remaining, config.heartbeat))
            blocks = await self._blocks(subscribers) if loop.time() < until else None
        await write(self._encoder.end(retry_delay()))
        return True

    async def _blocks(self, subscribers: Mapping[str, Subscriber]) -> list[bytes] | None:
        """Take the due events of all coverages.

        Frames are taken only when the client has room for them: a buffered frame could hold the
        content of an entry that has been retracted meanwhile.

        Returns:
            The encoded events; None if one coverage's stream is over, which ends the whole stream.
        """
        cursors = {slug: subscriber.cursor for slug, subscriber in subscribers.items()}
        blocks = []
        for slug, subscriber in subscribers.items():
            if not subscriber.is_due:
                continue
            frames = await subscriber.frames(0)
            if frames is None:
                return None
            for frame in frames:
                cursors[slug] = cursors[slug].at(cursors[slug].seq + 1)
                blocks.append(self._encoder.event(cursors, frame))
        return blocks


async def wait_for_any(subscribers: Sequence[Subscriber], seconds: float) -> None:
    """Wait until one of the subscribers has something due, for at most `seconds`."""
    if seconds <= 0 or any(subscriber.is_due for subscriber in subscribers):
        return
    # Without a task for each: a stream may have fifty coverages, and this runs for each heartbeat.
    changes = {subscriber.changed for subscriber in subscribers}
    await asyncio.wait(changes, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
