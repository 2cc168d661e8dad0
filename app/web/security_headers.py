"""Security headers: added to every answer, by its media type.

Pages set a policy of their own (`csp.py`). Everything else is data: opened directly it runs
nothing, and browsers must not guess another type (`nosniff`). Without that header a browser would
run JSON or text as a script if a page refers to it as one, so authors of entries could create
scripts of this site.

Source: WHATWG, Fetch, section 3.6 (X-Content-Type-Options) and 3.7 (Cross-Origin-Resource-Policy);
W3C, Content Security Policy Level 3 and Permissions Policy; RFC 6797 (HSTS).
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Fields = tuple[tuple[bytes, bytes], ...]

_STARTS = frozenset({"http.response.start", "websocket.http.response.start"})
_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# For documents other than pages: browsers display them, and XML and SVG can contain scripts.
_SHOWN = f"{_NOTHING}; sandbox"
# A worker has the policy that its script came with; the pages' streams run in a worker.
_SCRIPT = "default-src 'none'; script-src 'self'; connect-src 'self'"
# For pages and their frames. Video players need the other features: full screen, sound, motion.
_FEATURES = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
_REFERRER = "strict-origin-when-cross-origin"
_PRIVATE = (b"no-store", b"private")


class SecurityHeaders:
    """A middleware that adds the security headers that an answer does not set itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return

        async def send_secured(message: Message) -> None:
            if message["type"] in _STARTS:
                headers = completed(message["status"], list(message.get("headers", ())))
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, send_secured)


def completed(status: int, headers: Sequence[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return an answer's headers, with the missing security headers added.

    Args:
        status: the answer's status. A 304 does not change the policy that its client holds.
        headers: the answer's own headers, which are kept.
    """
    own = {name.lower(): value for name, value in headers}
    media_type = b"" if status == HTTPStatus.NOT_MODIFIED else own.get(b"content-type", b"")
    control = own.get(b"cache-control", b"")
    is_private = any(word in control for word in _PRIVATE)
    added = _fields(media_type.partition(b";")[0].strip().lower(), is_private=is_private)
    return [*headers, *(field for field in added if field[0] not in own)]


def security_headers(media_type: str, *, is_private: bool = False) -> dict[str, str]:
    """Return the security headers for an answer that bypasses the middleware.

    Args:
        media_type: the answer's media type, without parameters.
        is_private: whether the answer is for one caller alone.
    """
    fields = _fields(media_type.encode(), is_private=is_private)
    return {name.decode(): value.decode() for name, value in fields}


@lru_cache(256)
def _fields(media_type: bytes, *, is_private: bool) -> Fields:
    # Pages of other sites may load public answers, in agreement with CORS, and no private ones.
    headers = {
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin" if is_private else "cross-origin",
        "referrer-policy": _REFERRER,
    }
    if media_type:
        is_shown = media_type == b"text/html" or media_type.endswith((b"/xml", b"+xml"))
        headers["content-security-policy"] = _SHOWN if is_shown else _NOTHING
    if media_type == b"text/javascript":
        headers["content-security-policy"] = _SCRIPT
    if media_type == b"text/html":
        headers["permissions-policy"] = _FEATURES
    return tuple((name.encode(), value.encode()) for name, value in headers.items())


def transport_security(base_url: str, max_age: timedelta) -> list[tuple[str, str]]:
    """Return the HSTS header, by which browsers use HTTPS alone; empty without HTTPS.

    It does not include subdomains, since this server does not know whether they support HTTPS.

    Args:
        base_url: the public URL of this server.
        max_age: how long browsers remember it; 0 makes them forget it.
    """
    if not base_url.startswith("https:"):
        return []
    return [("Strict-Transport-Security", f"max-age={round(max_age.total_seconds())}")]
