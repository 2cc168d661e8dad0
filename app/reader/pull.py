"""A stream through plain ASGI, where its line cannot be had from the server: a task a reader.

The hub has no part in this file: it drives a subscriber's frames, at its client's speed.
"""

import asyncio
import logging
import random
import socket
import struct
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Literal

from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Receive

from app.hub.connection import Reason
from app.hub.subscriber import Subscriber
from app.hub.terms import Terms

_log = logging.getLogger(__name__)

Write = Callable[[list[bytes]], Awaitable[None]]
Ending = Literal["over", "stalled", "left", "broken"]

REASONS: dict[Ending, Reason] = {
    "over": "rotated",
    "stalled": "slow",
    "left": "client",
    "broken": "error",
}
_RESET = struct.pack("ii", True, 0)  # SO_LINGER: throw away what is not sent


async def drive(subscriber: Subscriber, heartbeat: bytes, terms: Terms, write: Write) -> bool:
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
    life = terms.lifetime * random.uniform(0.8, 1.0)  # noqa: S311
    until = loop.time() + life
    while (left := until - loop.time()) > 0:
        frames = await subscriber.frames(min(left, terms.heartbeat))
        if frames is None:
            break
        try:
            async with asyncio.timeout(terms.stall):
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
