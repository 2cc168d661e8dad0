"""Content negotiation: media types, codings and languages from a client's Accept headers.

Source: RFC 9110, sections 12.5.1 (Accept), 12.5.3 (Accept-Encoding) and 12.5.4 (Accept-Language).
"""

from collections.abc import Sequence
from functools import lru_cache

# Characters of a header that are read; a browser sends some hundred. A longer header is truncated,
# since parsing it would hold the event loop for milliseconds.
_LONGEST = 1000
LONGEST_CACHED = 512  # bytes of both headers that `negotiate_stream` may keep
_JSON, _STREAM = "application/json", "text/event-stream"


def _weights(header: str) -> dict[str, float]:
    weights = {}
    if len(header) > _LONGEST:
        header = header[:_LONGEST].rpartition(",")[0]
    for item in header.split(","):
        name, *parameters = (part.strip().lower() for part in item.split(";"))
        weight = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        try:
            weights[name] = float(weight)
        except ValueError:
            weights[name] = 0.0
    return weights


def rank(header: str) -> list[str]:
    """Return what a client accepts, best first; equals stay in the order of the header."""
    weights = _weights(header) if header else {}
    return sorted((name for name in weights if weights[name] > 0), key=lambda n: -weights[n])


def prefer(header: str, offers: Sequence[str]) -> str:
    """Return the offered media type that the client prefers; the first if it has no preference."""
    weights = _weights(header or "*/*")

    def quality(offer: str) -> float:
        ranges = (offer, offer.partition("/")[0] + "/*", "*/*")
        return next((weights[name] for name in ranges if name in weights), 0.0)

    return max(offers, key=quality)


def takes(header: str, coding: str) -> bool:
    """Return whether the client accepts a content coding."""
    weights = _weights(header)
    return weights.get(coding, weights.get("*", 0.0)) > 0


def takes_gzip(header: str) -> bool:
    """Return whether the client accepts gzip."""
    return takes(header, "gzip")


@lru_cache(1024)
def negotiate_stream(accept: bytes, encoding: bytes) -> tuple[bool, bool]:
    """Return whether the client prefers a stream to JSON, and whether it accepts gzip.

    Args:
        accept: its `Accept`; with `encoding` no longer than `LONGEST_CACHED`.
        encoding: its `Accept-Encoding`.
    """
    wanted = prefer(accept.decode("latin-1"), (_JSON, _STREAM))
    return wanted == _STREAM, takes_gzip(encoding.decode("latin-1"))
