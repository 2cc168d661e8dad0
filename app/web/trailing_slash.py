"""An address with a slash too many: a redirect to the one without, on the same host.

Starlette would write the redirect as a whole address made of the request's Host, which whoever asks
may choose: a cache in between would keep it for others. Here it is a path.
"""

from urllib.parse import quote

from starlette.responses import RedirectResponse
from starlette.routing import Match, Router
from starlette.types import ASGIApp, Receive, Scope, Send

_KEPT = "/%:@!$&'()*+,;=~"  # what stands in a path as it is (RFC 3986, section 3.3)


class TrailingSlash:
    """What a router does with an address that none of its routes knows.

    Args:
        router: whose routes are asked for the address without its last slashes.
        otherwise: what answers where there is no such address either.
    """

    def __init__(self, router: Router, otherwise: ASGIApp) -> None:
        self._router = router
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Redirect, or leave it to the other."""
        path = scope["path"].rstrip("/")
        # `//other.example` would be another host's address to a browser.
        is_ours = scope["type"] == "http" and path != scope["path"] and not path.startswith("//")
        if not path or not is_ours or not self._knows({**scope, "path": path}):
            await self._otherwise(scope, receive, send)
            return
        query = scope["query_string"].decode("latin-1")
        location = quote(path, safe=_KEPT) + (f"?{query}" if query else "")
        await RedirectResponse(location)(scope, receive, send)

    def _knows(self, scope: Scope) -> bool:
        return any(route.matches(dict(scope))[0] is not Match.NONE for route in self._router.routes)
