"""Trailing slash: redirects an address with slashes at its end to the one without.

Starlette's redirect would be an absolute address with the request's Host, which the client chooses,
and a shared cache would store it for other clients. This redirect is a path.
"""

from urllib.parse import quote

from starlette.responses import RedirectResponse
from starlette.routing import Match, Router
from starlette.types import ASGIApp, Receive, Scope, Send

_UNESCAPED = "/%:@!$&'()*+,;=~"  # characters that a path holds unescaped (RFC 3986, section 3.3)


class TrailingSlash:
    """The application for addresses that match no route of a router.

    Args:
        router: the router, whose routes are tried with the address without its last slashes.
        otherwise: the application for addresses that match no route either way.
    """

    def __init__(self, router: Router, otherwise: ASGIApp) -> None:
        self._router = router
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Redirect, or pass the request on."""
        path = scope["path"].rstrip("/")
        # A browser would read `//other.example` as the address of another host.
        is_ours = scope["type"] == "http" and path != scope["path"] and not path.startswith("//")
        if (
            not path
            or not is_ours
            or all(
                route.matches({**scope, "path": path})[0] is Match.NONE
                for route in self._router.routes
            )
        ):
            await self._otherwise(scope, receive, send)
            return
        query = scope["query_string"].decode("latin-1")
        location = quote(path, safe=_UNESCAPED) + (f"?{query}" if query else "")
        await RedirectResponse(location)(scope, receive, send)
