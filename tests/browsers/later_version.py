"""Streams of a later version of the server, whose events have types that no client knows yet."""

from collections.abc import Iterable

_TYPES = {
    b'"type":"entry.published"': b'"type":"entry.translated"',
    b'"type":"entry.corrected"': b'"type":"entry.assessed","claims":[{"status":"disputed"}]',
    b'"type":"coverage.changed"': b'"type":"figures.changed","figures":[]',
    b'"type":"coverage.closed"': b'"type":"coverage.ended"',
}
_UNKNOWN_BLOCK = b"event: figures\ndata: no JSON\n\n"


def as_later_version(block: bytes) -> Iterable[bytes]:
    """Give each event of a stream an unknown type, and precede it by a block of an unknown type."""
    for known, later in _TYPES.items():
        if known in block:
            return [_UNKNOWN_BLOCK, block.replace(known, later)]
    return [block]
