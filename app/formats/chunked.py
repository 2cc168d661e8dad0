"""Chunked SSE: Server-Sent Events in HTTP/1.1 chunks, for connections to which the hub writes.

Source: RFC 9112, section 7.1.
"""

from app.formats.sse import SseEncoder
from app.timeline.cursor import Cursor
from app.timeline.event import Event

_LAST = b"0\r\n\r\n"


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


class ChunkedEncoder:
    """Puts each message of another encoder into its own chunk."""

    def __init__(self, encoder: SseEncoder) -> None:
        self._encoder = encoder
        self.heartbeat = _chunk(encoder.heartbeat)

    def start(self, cursor: Cursor, retry: int) -> bytes:
        """The first frame."""
        return _chunk(self._encoder.start(cursor, retry))

    def event(self, event: Event) -> bytes:
        """A journal event."""
        return _chunk(self._encoder.event(event))

    def reset(self, cursor: Cursor, reason: str) -> bytes:
        """The message that tells a client to reload the page."""
        return _chunk(self._encoder.reset(cursor, reason))

    def end(self, code: int, retry: int) -> bytes:
        """The end of the body; the client reconnects after `retry` milliseconds."""
        return _chunk(self._encoder.end(code, retry)) + _LAST
