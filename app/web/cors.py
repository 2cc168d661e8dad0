"""CORS: pages of every other origin may read public answers, and none may write."""

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

_EXPOSED = ["ETag", "Link", "Location", "Memento-Datetime", "Retry-After"]

# The CORS headers of a public answer; the same for every origin, so that caches can store it.
CROSS_ORIGIN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": ", ".join(_EXPOSED),
}


def open_to_readers(app: ASGIApp) -> CORSMiddleware:
    """Wrap an application in the CORS middleware, which also answers preflight requests."""
    return CORSMiddleware(
        app,
        allow_origins=["*"],
        allow_methods=["GET", "HEAD"],
        allow_headers=["Last-Event-ID", "If-None-Match", "Cache-Control", "Accept-Datetime"],
        expose_headers=_EXPOSED,
    )
