"""A wire in the chunks of HTTP/1.1, for a connection that the hub writes itself.

Source: RFC 9112, section 7.1.
"""

from app.framing.sse import SseWire
from app.timeline.cursor import Cursor
from app.timeline.event import Event

_LAST = b"0\r\n\r\n"


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


class ChunkedWire:
    """The frames of another wire, each in a chunk of its own."""

    def __init__(self, wire: SseWire) -> None:
        self._wire = wire
        self.heartbeat = _chunk(wire.heartbeat)

    def start(self, cursor: Cursor, retry: int) -> bytes:
        """The first frame."""
        return _chunk(self._wire.start(cursor, retry))

    def event(self, event: Event) -> bytes:
        """A journal event."""
        return _chunk(self._wire.event(event))

    def reset(self, cursor: Cursor, reason: str) -> bytes:
        """The client is to load the page anew."""
        return _chunk(self._wire.reset(cursor, reason))

    def farewell(self, code: int, retry: int) -> bytes:
        """The end of the body; the client comes back after `retry` milliseconds."""
        return _chunk(self._wire.farewell(code, retry)) + _LAST
