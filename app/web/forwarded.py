"""Who the client of a request is, behind proxies, and what proxies do that they should not.

`X-Forwarded-For` is believed from trusted proxies alone, and read from its end: every proxy adds
the address that it was asked from, so the last one that is not a trusted proxy's is the client's.
What stands before it was written by the client. That is uvicorn's own middleware; this one gives it
addresses in one form, and looks at what comes through.
"""

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

_MAPPED = "::ffff:"  # IPv4 on a socket for both
_PEER = "dateline.peer"

Check = Callable[[Scope, str], None]


class ForwardedHeaders:
    """Puts the client's address and scheme into the scope.

    Args:
        app: what answers.
        trusted: the proxies' addresses and networks with commas between, or `*` for everybody.
        check: is shown each request as it is afterwards, and the address that it came from.
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
            # The same machine has one address, whichever way it comes, and is trusted by it.
            address = address.removeprefix(_MAPPED)
            scope["client"] = (address, port)
        scope[_PEER] = address
        await self._proxied(scope, receive, send)  # type: ignore[arg-type]

    async def _checked(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._check(scope, scope[_PEER])
        await self._app(scope, receive, send)
