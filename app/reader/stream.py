"""The live stream over HTTP: drives one subscriber's frames into one response.

The hub has no part in this file: another driver (the socket's, or one that owns the transport)
takes the same frames.
"""

import asyncio
import logging
import random
import socket
import struct
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Literal

from fastapi import Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Receive, Scope, Send

from app.hub.lane import Wire
from app.hub.replay import Start
from app.hub.subscriber import Subscriber
from app.timeline.coverage import Coverage
from app.web.house import House, StreamTerms

_log = logging.getLogger(__name__)

Write = Callable[[list[bytes]], Awaitable[None]]
Ending = Literal["over", "stalled", "left", "broken"]

_HEADERS = {
    "Cache-Control": "no-cache",
    "X-Accel-Buffering": "no",
    "Vary": "Accept, Accept-Encoding",
}


_RESET = struct.pack("ii", True, 0)  # SO_LINGER: throw away what is not sent


class EventStream(Response):
    """A response that goes on until its life is over, the client leaves or cannot keep up.

    Args:
        house: the rooms.
        coverage: whose stream, as just read.
        start: where it begins.
        lane: the name of the wire.
        compressed: whether that wire is gzip.
    """

    media_type = "text/event-stream"

    def __init__(
        self, house: House, coverage: Coverage, start: Start, lane: str, *, compressed: bool
    ) -> None:
        encoding = {"Content-Encoding": "gzip"} if compressed else {}
        super().__init__(headers={**_HEADERS, **encoding})
        del self.headers["content-length"]
        self._house = house
        self._coverage = coverage
        self._start = start
        self._lane = lane

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve it. The head goes out only once the stream has its place."""
        opening = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        if scope.get("head"):
            await send(opening)
            await send({"type": "http.response.body", "body": b""})
            return
        cursor = self._start.cursor
        hub, slug = self._house.hub, self._coverage.slug
        with hub.subscription(slug, self._coverage.cursor, self._lane, cursor.seq) as subscriber:
            await send(opening)
            ending = await until_over(self._write(subscriber, send), _departure(receive))
        if ending == "stalled":
            cut(receive)
        if ending != "left":
            await send({"type": "http.response.body", "body": b""})

    async def _write(self, subscriber: Subscriber, send: Send) -> bool:
        async def write(body: bytes) -> None:
            await send({"type": "http.response.body", "body": body, "more_body": True})

        wire = self._house.hub.wire(self._lane)
        await write(b"".join(opening_frames(wire, self._start)))
        terms = self._house.terms
        return await drive(subscriber, wire.heartbeat, terms, lambda f: write(b"".join(f)))


def opening_frames(wire: Wire, start: Start) -> list[bytes]:
    """What a stream begins with: when to come back, its cursor, and why to load anew if so."""
    first = wire.start(start.cursor, random.randint(2000, 5000))  # noqa: S311
    return [first, wire.reset(start.cursor, start.reset)] if start.reset else [first]


async def drive(subscriber: Subscriber, heartbeat: bytes, terms: StreamTerms, write: Write) -> bool:
    """Write a subscriber's frames until the stream is over.

    Args:
        subscriber: what comes next.
        heartbeat: written after silence.
        terms: the silence before a heartbeat, the life of a stream, the patience with a client.
        write: takes a list of frames and returns once the client's buffer has room again.

    Returns:
        Whether the stream came to its end; False if the client could not keep up.
    """
    loop = asyncio.get_running_loop()
    life = terms.lifetime.total_seconds() * random.uniform(0.8, 1.0)  # noqa: S311
    until = loop.time() + life
    while (left := until - loop.time()) > 0:
        frames = await subscriber.frames(min(left, terms.heartbeat.total_seconds()))
        if frames is None:
            break
        try:
            async with asyncio.timeout(terms.stall.total_seconds()):
                await write(frames or [heartbeat])
        except TimeoutError:
            return False
    return True


async def until_over(
    writing: Coroutine[Any, Any, bool], leaving: Coroutine[Any, Any, None]
) -> Ending:
    """Run the two sides of a stream until one of them ends.

    Args:
        writing: gives what `drive` gives.
        leaving: ends when the client is gone.

    Returns:
        over: the stream came to its end. stalled: the client takes nothing. left: it is gone.
        broken: the journal cannot be read; the client comes back with its cursor.
    """
    writer, leaver = tasks = asyncio.create_task(writing), asyncio.create_task(leaving)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    if writer.cancelled():
        return "left"
    try:
        kept_up = writer.result()
    except ConnectionError:
        return "left"
    except SQLAlchemyError as error:
        _log.warning("a stream ends: the journal cannot be read (%s)", error)
        return "broken"
    if not leaver.cancelled():
        return "left"
    return "over" if kept_up else "stalled"


def cut(receive: Receive, after: float = 0.0) -> None:
    """Reset the line of a client that does not read what waits for it.

    Whatever is said to end it politely would wait behind that. ASGI has no word for this, so it
    reaches for uvicorn's transport; on another server nothing happens.

    Args:
        receive: the line's.
        after: seconds in which the client may still read.
    """
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is not None and transport.get_write_buffer_size():
        asyncio.get_running_loop().call_later(after, _reset, transport)


def _reset(transport: asyncio.Transport) -> None:
    if not transport.get_write_buffer_size():
        return
    # Else the kernel would go on offering what it holds, minutes long.
    line = transport.get_extra_info("socket")
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()


async def _departure(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
