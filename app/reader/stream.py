"""The live stream over HTTP: one response that goes on until its life is over or its client leaves.

Its head goes out as any other's. Then the hub takes the line over and writes to it; where the line
cannot be had, the stream is pulled through ASGI.
"""

from dataclasses import dataclass
from typing import Literal

from fastapi import Request, Response
from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from app.access.roles import Caller
from app.hub.connection import Reason
from app.hub.lane import Wire
from app.hub.push import retry
from app.hub.replay import Start
from app.hub.subscriber import Subscriber
from app.reader.pull import drive
from app.timeline.cursor import Cursor
from app.web.house import House
from app.web.loop_budget import charge
from app.web.open_answer import REASONS, cut, departure, until_over
from app.web.stream_slot import Transport, admit
from app.web.takeover import hold_head, let_go, take_response

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
    (b"vary", b"Accept, Accept-Encoding"),
]
_GZIP = (b"content-encoding", b"gzip")
_FLUSH = {"type": "http.response.body", "body": b"", "more_body": True}
_END = {"type": "http.response.body", "body": b""}
_PAID = 100  # events that are replayed without a charge
_COST, _HTML_COST = 70e-6, 600e-6  # seconds of the loop for each event that is replayed


@dataclass(frozen=True, slots=True)
class SseForm:
    """How a stream is written: the page's HTML in it or not, compressed or not."""

    form: Literal["json", "html"]
    is_compressed: bool

    @property
    def lane(self) -> str:
        """The name of its wire."""
        return f"sse-{self.form}-gzip" if self.is_compressed else f"sse-{self.form}"

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """Those of its head."""
        return [*_HEADERS, _GZIP] if self.is_compressed else [*_HEADERS]

    @property
    def transport(self) -> Transport:
        """Its name in the metrics."""
        return "sse-gzip" if self.is_compressed else "sse"


class EventStream(Response):
    """A response that is a stream.

    Args:
        house: the rooms.
        request: whose answer it is.
        caller: who asks; None for a reader.
        slug: which coverage.
        head: the head of its journal as just read.
        start: where the stream begins.
        form: how it is written.
    """

    def __init__(
        self,
        house: House,
        request: Request,
        caller: Caller | None,
        slug: str,
        head: Cursor,
        start: Start,
        form: SseForm,
    ) -> None:
        self.status_code = 200
        self.background = None
        self.raw_headers = form.headers
        self._house = house
        self._request = request
        self._caller = caller
        self._slug = slug
        self._head = head
        self._start = start
        self._form = form

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve it. The head goes out only once the stream has its place."""
        opening = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        if scope.get("head"):
            await send(opening)
            await send(_END)
            return
        with admit(self._house, self._request, self._form.transport, self._caller) as place:
            hold_head(receive)
            await send(opening)
            await send(_FLUSH)  # a middleware may hold the head back until there is a body
            if line := take_response(receive):
                lane = self._form.lane + ("-chunked" if line.is_chunked else "")
                self._house.hub.connect(
                    line, self._slug, self._head, lane, self._start, place.hand_over()
                )
            else:
                let_go(receive)
                place.reason = await self._pull(receive, send)

    async def _pull(self, receive: Receive, send: Send) -> Reason:
        hub, seq = self._house.hub, self._start.cursor.seq
        with hub.subscription(self._slug, self._head, self._form.lane, seq) as subscriber:
            ending = await until_over(self._write(subscriber, send), departure(receive))
        if ending == "stalled":
            cut(receive)
        if ending != "left":
            await send(_END)
        return REASONS[ending]

    async def _write(self, subscriber: Subscriber, send: Send) -> bool:
        async def write(body: bytes) -> None:
            await send({"type": "http.response.body", "body": body, "more_body": True})

        wire = self._house.hub.wire(self._form.lane)
        await write(b"".join(opening_frames(wire, self._start)))
        terms = self._house.terms
        return await drive(subscriber, wire.heartbeat, terms, lambda f: write(b"".join(f)))


def opening_frames(wire: Wire, start: Start) -> list[bytes]:
    """What a stream begins with: when to come back, its cursor, and why to load anew if so."""
    first = wire.start(start.cursor, retry())
    return [first, wire.reset(start.cursor, start.reset)] if start.reset else [first]


def charge_replay(connection: HTTPConnection, events: int, *, is_html: bool = False) -> None:
    """Count what a replay will cost the loop; one that comes back after a cut costs nothing.

    Args:
        connection: for whom it is done.
        events: how many are replayed, of all coverages together.
        is_html: whether each is told with its HTML.
    """
    if events > _PAID:
        charge(connection, events * (_HTML_COST if is_html else _COST))
