"""Who may read from other origins: everybody; nobody writes from there."""

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

_EXPOSED = ["ETag", "Link", "Location", "Retry-After"]

# What the answer to a reader on another site says; the same to all, so that it can be kept.
CROSS_ORIGIN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": ", ".join(_EXPOSED),
}


def open_to_readers(app: ASGIApp) -> CORSMiddleware:
    """Answer readers' pages on other sites, and their questions in advance."""
    return CORSMiddleware(
        app,
        allow_origins=["*"],
        allow_methods=["GET", "HEAD"],
        allow_headers=["Last-Event-ID", "If-None-Match", "Cache-Control"],
        expose_headers=_EXPOSED,
    )
