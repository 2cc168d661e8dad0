"""Server-Sent Events in the chunks of HTTP/1.1, for connections that the hub writes to itself.

Source: RFC 9112, section 7.1.
"""

from app.formats.sse import SseEncoder
from app.timeline.cursor import Cursor
from app.timeline.event import Event

_LAST = b"0\r\n\r\n"


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


class ChunkedEncoder:
    """What another encoder makes, each message in a chunk of its own."""

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
        """The client is to load the page anew."""
        return _chunk(self._encoder.reset(cursor, reason))

    def end(self, code: int, retry: int) -> bytes:
        """The end of the body; the client comes back after `retry` milliseconds."""
        return _chunk(self._encoder.end(code, retry)) + _LAST
