"""Forwarded headers: determine the client's address and scheme behind trusted proxies.

`X-Forwarded-For` is believed from trusted proxies alone, and read from its end: every proxy appends
the address of its peer, so the last one that is not a trusted proxy's is the client's. The client
wrote whatever precedes it. uvicorn's own middleware implements this; the class here normalises the
peer's address for it, and passes each request to a check for misconfiguration.
"""

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

_MAPPED = "::ffff:"  # prefix of IPv4 addresses on a dual-stack socket
_PEER = "dateline.peer"
_READ = frozenset({b"x-forwarded-for", b"x-forwarded-proto"})  # by uvicorn's middleware

Check = Callable[[Scope, str], None]


class ForwardedHeaders:
    """A middleware that puts the client's address and scheme into the scope.

    Args:
        app: the next application.
        trusted: the proxies' addresses and networks, separated by commas, or `*` for all peers.
        check: called for each request with the updated scope and the peer's address.
    """

    def __init__(self, app: ASGIApp, trusted: str, check: Check) -> None:
        self._app = app
        self._check = check
        hosts = trusted if trusted == "*" else [part.strip() for part in trusted.split(",")]
        self._proxied = ProxyHeadersMiddleware(self._checked, hosts)  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan" or not scope.get("client"):
            await self._app(scope, receive, send)
            return
        address, port = scope["client"]
        if address.startswith(_MAPPED) and "." in address:
            # One machine has one address over IPv4 and dual-stack sockets, and is trusted by it.
            address = address.removeprefix(_MAPPED)
            scope["client"] = (address, port)
        if _READ.isdisjoint([name for name, _ in scope["headers"]]):
            self._check(scope, address)
            await self._app(scope, receive, send)
            return
        scope[_PEER] = address
        await self._proxied(scope, receive, send)  # type: ignore[arg-type]

    async def _checked(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._check(scope, scope[_PEER])
        await self._app(scope, receive, send)
