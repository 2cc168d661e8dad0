"""CORS: pages of every other origin may read public answers, and those of named origins may write.

They write with an API key. No origin may send cookies, so a session at the desk is of no use to it.

Source: WHATWG, Fetch, section 3.3 (CORS protocol).
"""

from collections.abc import Collection

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

_READING = ["Last-Event-ID", "If-None-Match", "Cache-Control", "Accept-Datetime"]
_WRITING = ["Authorization", "Content-Type", "Idempotency-Key", "If-Match"]
_EXPOSED = ["ETag", "Link", "Location", "Memento-Datetime", "Retry-After"]

# The CORS headers of a public answer; the same for every origin, so that caches can store it.
CROSS_ORIGIN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": ", ".join(_EXPOSED),
}


class CrossOrigin:
    """A middleware that adds the CORS headers, and answers preflight requests.

    Only the answer to a preflight request depends on the origin, and no shared cache stores that.

    Args:
        app: the application.
        writers: the origins whose pages may send requests that change something.
    """

    def __init__(self, app: ASGIApp, writers: Collection[str] = ()) -> None:
        self._writers = frozenset(writer.lower().encode() for writer in writers)
        self._reading, self._writing = (
            CORSMiddleware(
                app,
                allow_origins=["*"],
                allow_methods=methods,
                allow_headers=headers,
                expose_headers=_EXPOSED,
            )
            for methods, headers in (
                (["GET", "HEAD"], _READING),
                (["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"], [*_READING, *_WRITING]),
            )
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        origin = next((v for n, v in scope.get("headers", ()) if n == b"origin"), None)
        chosen = self._writing if origin in self._writers else self._reading
        await chosen(scope, receive, send)
