"""What every answer tells browsers to do with it, by its media type.

Pages bring a policy of their own (`csp.py`). Everything else is data: opened by itself it runs
nothing, and it is of the type that its head says. Without that word a browser would take JSON or
text for a script wherever a page names it as one, and whoever may write would have a script of this
site: its words, at the address of a document.

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
# Documents that are no page: browsers show them, and XML and SVG can hold scripts.
_SHOWN = f"{_NOTHING}; sandbox"
# A worker has the policy that its script came with: the page's own lines run through one.
_SCRIPT = "default-src 'none'; script-src 'self'; connect-src 'self'"
# Of pages and of what they frame. Players need the rest: full screen, sound, motion.
_FEATURES = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
_REFERRER = "strict-origin-when-cross-origin"
_PRIVATE = (b"no-store", b"private")


class SecurityHeaders:
    """Adds what an answer does not say itself."""

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
    """An answer's headers, with those that were lacking.

    Args:
        status: of the answer. A 304 changes nothing of the policy that its client holds.
        headers: its own, which are kept; their names in lower case.
    """
    own = {name.lower(): value for name, value in headers}
    media_type = b"" if status == HTTPStatus.NOT_MODIFIED else own.get(b"content-type", b"")
    control = own.get(b"cache-control", b"")
    is_private = any(word in control for word in _PRIVATE)
    added = _fields(media_type.partition(b";")[0].strip().lower(), is_private=is_private)
    return [*headers, *(field for field in added if field[0] not in own)]


def security_headers(media_type: str, *, is_private: bool = False) -> dict[str, str]:
    """The same, for an answer that goes around the application.

    Args:
        media_type: the answer's, without parameters.
        is_private: whether it is for one caller alone.
    """
    fields = _fields(media_type.encode(), is_private=is_private)
    return {name.decode(): value.decode() for name, value in fields}


@lru_cache(256)
def _fields(media_type: bytes, *, is_private: bool) -> Fields:
    # Other sites' pages may load what is public, as CORS says; what is not is for our pages alone.
    told = {
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin" if is_private else "cross-origin",
        "referrer-policy": _REFERRER,
    }
    if media_type:
        told["content-security-policy"] = _policy(media_type)
    if media_type == b"text/html":
        told["permissions-policy"] = _FEATURES
    return tuple((name.encode(), value.encode()) for name, value in told.items())


def _policy(media_type: bytes) -> str:
    if media_type == b"text/javascript":
        return _SCRIPT
    is_shown = media_type == b"text/html" or media_type.endswith((b"/xml", b"+xml"))
    return _SHOWN if is_shown else _NOTHING


def transport_security(base_url: str, max_age: timedelta) -> list[tuple[str, str]]:
    """The header by which browsers come by HTTPS alone from now on; none without HTTPS.

    Other hosts of the same domain are not in it: whether they have HTTPS is not known here.

    Args:
        base_url: what the world calls this server.
        max_age: for how long; 0 makes browsers forget it.
    """
    if not base_url.startswith("https:"):
        return []
    return [("Strict-Transport-Security", f"max-age={round(max_age.total_seconds())}")]
