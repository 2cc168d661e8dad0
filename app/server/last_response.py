"""Last response: the answer that ends a connection, written without the application.

The connection closes in order, so that a TCP reset does not destroy the answer on its way.
"""

import asyncio
from collections.abc import Callable, Hashable
from functools import lru_cache
from http import HTTPStatus
from typing import Any, cast

from app.web.problems import problem


class OrderlyTransport:
    """A transport that closes in order, for an answer whose client may still be sending.

    Args:
        transport: the connection's transport.
        close: called instead of closing at once.
    """

    def __init__(self, transport: asyncio.Transport, close: Callable[[], None]) -> None:
        self._transport = transport
        self.close = close

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


def close_or_abort(transport: asyncio.Transport) -> None:
    """Close; abort if the client has unread data, since closing would then never complete."""
    if transport.get_write_buffer_size():
        transport.abort()
    else:
        transport.close()


def as_written(refusal: Exception) -> bytes:
    """Return a problem as the bytes of an HTTP response that ends its connection."""
    return _written(cast("Hashable", type(refusal)), refusal.args)


@lru_cache(64)  # a flood of bad requests gets the same few answers
def _written(kind: Any, arguments: tuple[object, ...]) -> bytes:
    answer = problem(kind(*arguments))
    answer.headers["connection"] = "close"
    status = HTTPStatus(answer.status_code)
    fields = [b"%b: %b\r\n" % field for field in answer.raw_headers]
    start = f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode()
    return b"".join([start, *fields, b"\r\n", bytes(answer.body)])
