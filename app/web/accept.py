"""What a client takes, from its Accept headers.

Source: RFC 9110, sections 12.5.1 (Accept), 12.5.3 (Accept-Encoding) and 12.5.4 (Accept-Language).
"""

from collections.abc import Sequence

# Characters of a header that are read: a browser's have some hundred. Whoever sends more is
# understood as far as that, and takes no milliseconds of everybody's.
_LONGEST = 1000


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
    """What a client takes, best first; of equals, the first one named."""
    weights = _weights(header) if header else {}
    return sorted((name for name in weights if weights[name] > 0), key=lambda n: -weights[n])


def prefer(header: str, offers: Sequence[str]) -> str:
    """The offered media type that the client likes best; the first where it has no preference."""
    weights = _weights(header or "*/*")

    def liking(offer: str) -> float:
        ranges = (offer, offer.partition("/")[0] + "/*", "*/*")
        return next((weights[name] for name in ranges if name in weights), 0.0)

    return max(offers, key=liking)


def takes(header: str, coding: str) -> bool:
    """Whether the client decodes a content coding."""
    weights = _weights(header)
    return weights.get(coding, weights.get("*", 0.0)) > 0


def takes_gzip(header: str) -> bool:
    """Whether the client decodes gzip."""
    return takes(header, "gzip")
