"""Open response: an answer that stays open in a task of its own, until it ends or its client does.

The client is watched all the while, since it holds a slot. HTTP/1.1 lets a client send its next
request before this one is answered. uvicorn then stops reading, and would no longer notice a
disconnect; so a further request ends the wait of the one before it.
"""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Literal

from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Receive

from app.hub.connection import Reason
from app.hub.raw_connection import reset

_log = logging.getLogger(__name__)

Ending = Literal["over", "stalled", "left", "followed", "broken"]

REASONS: dict[Ending, Reason] = {
    "over": "rotated",
    "stalled": "slow",
    "left": "client",
    "followed": "client",
    "broken": "error",
}


def is_followed(receive: Receive) -> bool:
    """Return whether a pipelined request waits on the connection for the answer to this one.

    Always False on a server other than uvicorn, or behind a middleware that wraps `receive`.
    """
    on_response = getattr(getattr(receive, "__self__", None), "on_response", None)
    return bool(getattr(getattr(on_response, "__self__", None), "pipeline", None))


async def wait_for_disconnect(receive: Receive) -> Ending:
    """Wait until the client has disconnected or sent a further request.

    `HttpProtocol` wakes this coroutine when such a request has been received. Messages of a
    WebSocket's client are ignored, but have to be read: otherwise pings, pongs and the close frame
    behind them would not be processed.
    """
    while not is_followed(receive):
        if (await receive())["type"] not in {"http.request", "websocket.receive"}:
            return "left"
    return "followed"


async def until_over(
    writing: Coroutine[Any, Any, bool], watching: Coroutine[Any, Any, Ending]
) -> Ending:
    """Run the two sides of a stream until one of them ends.

    Args:
        writing: writes the stream; returns False if the client could not keep up.
        watching: the coroutine of `wait_for_disconnect`.

    Returns:
        over: the stream reached its end. stalled: the client does not read. left: the client has
        disconnected. followed: the client has sent a further request. broken: the journal cannot be
        read; the client reconnects with its cursor.
    """
    writer, watcher = tasks = asyncio.create_task(writing), asyncio.create_task(watching)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    if not writer.cancelled():
        try:
            is_in_time = writer.result()
        except ConnectionError:
            return "left"
        except SQLAlchemyError as error:
            _log.warning("a stream ends because the journal cannot be read (%s)", error)
            return "broken"
        if watcher.cancelled():
            return "over" if is_in_time else "stalled"
    return "left" if watcher.exception() else watcher.result()


def cut(receive: Receive, after: float = 0.0) -> None:
    """Reset the connection of a client that does not read the data in the write buffer.

    A regular close would wait behind that data. ASGI has no message for a reset, so this uses
    uvicorn's transport; on another server it does nothing.

    Args:
        receive: the connection's `receive`.
        after: seconds in which the client may still read.
    """
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is not None and transport.get_write_buffer_size():
        asyncio.get_running_loop().call_later(after, _reset_unread, transport)


def _reset_unread(transport: asyncio.Transport) -> None:
    if transport.get_write_buffer_size():
        reset(transport)
