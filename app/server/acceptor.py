"""The first look at a connection: of an address that opens them too fast it is dropped at once.

uvicorn makes a parser and the rest of a protocol for each connection. Of one that is not even read
that would be most of what it costs, and who opens a thousand a second would take much of the
process by that alone.
"""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from uvicorn.protocols.utils import get_remote_addr

from app.server.connection_limiter import ConnectionLimiter
from app.server.http_config import HttpConfig
from app.server.http_protocol import HttpProtocol
from app.server.timeouts import ReadTimeouts
from app.web.rate_limits.streams import TokenBuckets, client_key_by


class Acceptor(asyncio.Protocol):
    """A new connection, until it is known whether it is read.

    Args:
        limiter: who counts the connections.
        make_door: makes the protocol that reads.
        uvicorns: what uvicorn hands to its protocols.
    """

    __slots__ = ("_limiter", "_make_door", "_uvicorns")

    def __init__(
        self,
        limiter: ConnectionLimiter,
        make_door: Callable[..., asyncio.Protocol],
        **uvicorns: Any,
    ) -> None:
        self._limiter = limiter
        self._make_door = make_door
        self._uvicorns = uvicorns

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Hand the connection on, or drop it."""
        accepted = cast("asyncio.Transport", transport)
        client = get_remote_addr(accepted)
        if not self._limiter.is_in_time(client[0] if client else None):
            accepted.abort()
            return
        door = self._make_door(**self._uvicorns)
        accepted.set_protocol(door)
        door.connection_made(accepted)


def http_protocol(terms: HttpConfig) -> type[asyncio.Protocol]:
    """The protocol's class, as uvicorn takes it: one doorkeeper and limiter in each process."""
    limiter = ConnectionLimiter(
        terms.descriptors,
        terms.connections_per_address,
        client_key_by(terms.trusted),
        TokenBuckets(terms.connections_per_second, time.monotonic),
    )
    make_door = partial(HttpProtocol, terms, ReadTimeouts(), limiter)
    return cast("type[asyncio.Protocol]", partial(Acceptor, limiter, make_door))
