"""The live stream over HTTP: a response that lasts until its lifetime is over or the client leaves.

The headers are sent like those of any response. Then the hub takes the connection over and writes
to it; if it cannot, the stream is written through ASGI.
"""

from fastapi import Request, Response
from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from app.access.roles import Caller
from app.formats.wires import Wire, choose_wire
from app.hub.replay import Start
from app.reader.asgi_stream import write_stream
from app.server.takeover import cork_head, take_response, transport_below, uncork
from app.timeline.cursor import Cursor
from app.web.open_response import REASONS, cut, until_over, wait_for_disconnect
from app.web.rate_limits.loop_time import charge
from app.web.rate_limits.stream_slot import Transport, admit
from app.web.services import Services

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"incremental", b"?1"),  # RFC 10036: intermediaries forward each part at once
    (b"x-accel-buffering", b"no"),  # the same in nginx's words
    (b"vary", b"Accept, Accept-Encoding"),
]
_GZIP = (b"content-encoding", b"gzip")
_FLUSH = {"type": "http.response.body", "body": b"", "more_body": True}
_END = {"type": "http.response.body", "body": b""}
FREE_EVENTS = 100  # events that are replayed without a charge
_COST, _HTML_COST = 70e-6, 600e-6  # seconds of loop time for each replayed event


def stream_headers(wire: Wire) -> list[tuple[bytes, bytes]]:
    """Return the headers of a stream's response."""
    return [*_HEADERS, _GZIP] if wire.is_compressed else [*_HEADERS]


def transport_of(wire: Wire) -> Transport:
    """Return the name of a stream of server-sent events in the metrics."""
    return "sse-gzip" if wire.is_compressed else "sse"


class EventStream(Response):
    """A response that is a live stream.

    Args:
        services: the application's services.
        request: the request that it answers.
        caller: the authenticated caller; None for a reader.
        slug: the coverage's slug.
        head: the current head of its journal.
        start: where the stream begins.
        wire: the wire format, without transfer framing.
    """

    def __init__(
        self,
        services: Services,
        request: Request,
        caller: Caller | None,
        slug: str,
        head: Cursor,
        start: Start,
        wire: Wire,
    ) -> None:
        self.status_code = 200
        self.background = None
        self.raw_headers = stream_headers(wire)
        self._services = services
        self._request = request
        self._caller = caller
        self._slug = slug
        self._head = head
        self._start = start
        self._wire = wire

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the stream. Its headers are sent only after the stream limiter has admitted it."""

        async def write(frames: list[bytes]) -> None:
            body = b"".join(frames)
            await send({"type": "http.response.body", "body": body, "more_body": True})

        head = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        if scope.get("head"):
            await send(head)
            await send(_END)
            return
        hub = self._services.hub
        with admit(self._services, self._request, transport_of(self._wire), self._caller) as slot:
            cork_head(receive)
            await send(head)
            await send(_FLUSH)  # a middleware may hold the headers back until a body follows
            if raw := take_response(receive):
                wire = choose_wire(
                    "sse",
                    self._wire.form,
                    compressed=self._wire.is_compressed,
                    framed=raw.is_chunked,
                )
                hub.connect(raw, self._slug, self._head, wire, self._start, slot.hand_over())
                return
            uncork(receive)
            seq = self._start.cursor.seq
            transport = transport_below(receive)
            with hub.subscription(self._slug, self._head, self._wire, seq, transport) as subscriber:
                encoder = hub.encoder(self._wire)
                writing = write_stream(subscriber, encoder, self._start, hub.config, write)
                ending = await until_over(writing, wait_for_disconnect(receive))
            if ending == "stalled":
                cut(receive)
            if ending != "left":
                await send(_END)
            slot.reason = REASONS[ending]


def charge_replay(connection: HTTPConnection, events: int, *, is_html: bool = False) -> None:
    """Charge a client's address for the loop time that its replay will take.

    A short replay, as after a lost connection, is free.

    Args:
        connection: the client's connection.
        events: the number of events to replay, in all coverages together.
        is_html: whether each event is sent with its HTML.
    """
    if events > FREE_EVENTS:
        charge(connection, events * (_HTML_COST if is_html else _COST))
