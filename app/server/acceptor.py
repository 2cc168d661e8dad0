"""Acceptor: drops a new connection at once if its address opens connections too fast.

uvicorn creates a parser and the rest of a protocol for each connection. For a connection that is
never read, that would be most of its cost, and a client that opens a thousand a second would take
much of the process by that alone.
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
    """The protocol of a new connection, until the limiter has decided whether to read it.

    Args:
        limiter: counts the connections.
        make_protocol: creates the HTTP protocol that reads the connection.
        uvicorns: the arguments that uvicorn passes to its protocols.
    """

    __slots__ = ("_limiter", "_make_protocol", "_uvicorns")

    def __init__(
        self,
        limiter: ConnectionLimiter,
        make_protocol: Callable[..., asyncio.Protocol],
        **uvicorns: Any,
    ) -> None:
        self._limiter = limiter
        self._make_protocol = make_protocol
        self._uvicorns = uvicorns

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Hand the connection to the HTTP protocol, or drop it."""
        accepted = cast("asyncio.Transport", transport)
        client = get_remote_addr(accepted)
        if not self._limiter.is_in_time(client[0] if client else None):
            accepted.abort()
            return
        protocol = self._make_protocol(**self._uvicorns)
        if isinstance(protocol, HttpProtocol):
            protocol.client = client
        accepted.set_protocol(protocol)
        protocol.connection_made(accepted)


def http_protocol(http_config: HttpConfig) -> type[asyncio.Protocol]:
    """Return the protocol class for uvicorn, with one timer and one limiter per process."""
    limiter = ConnectionLimiter(
        http_config.descriptors,
        http_config.connections_per_address,
        client_key_by(http_config.trusted),
        TokenBuckets(http_config.connections_per_second, time.monotonic),
    )
    make_protocol = partial(HttpProtocol, http_config, ReadTimeouts(), limiter)
    return cast("type[asyncio.Protocol]", partial(Acceptor, limiter, make_protocol))
