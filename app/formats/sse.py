"""Server-Sent Events on the wire, plain or compressed once for everybody.

Data is always one line of JSON, in which no line end can stand, so no value breaks out of its
field. A gzip stream is one deflate stream; a frame compressed with a fresh context and ended by a
full flush refers to nothing before it, so the same bytes fit into every reader's stream.

Source: WHATWG HTML, section 9.2; RFC 1951, section 3.2; RFC 1952, section 2.3.
"""

import zlib
from collections.abc import Callable

from app.formats.public_json import PublicJson, dump_json
from app.timeline.cursor import Cursor
from app.timeline.event import Event

GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # deflate, no name, no time, no system


class SseEncoder:
    """Encodes the stream with the page's HTML or without, compressed or not."""

    def __init__(
        self,
        form: PublicJson,
        *,
        render: Callable[[Event], str] | None = None,
        compress: bool = False,
    ) -> None:
        self._form = form
        self._render = render
        self._pack = deflate if compress else bytes
        self.head = GZIP_HEAD if compress else b""
        self.heartbeat = self._pack(b":\n\n")

    def start(self, cursor: Cursor, retry: int) -> bytes:
        """The first frame: when to come back (milliseconds) and from where the stream goes on.

        A block with an id and no data sets the client's last event id without an event.
        """
        return self.head + self._pack(b"retry: %d\nid: %b\n\n" % (retry, str(cursor).encode()))

    def event(self, event: Event) -> bytes:
        """A journal event, of the default type so that `onmessage` sees it."""
        data = self._form.event(event, self._render)
        return self._pack(b"id: %b\ndata: %b\n\n" % (data["cursor"].encode(), dump_json(data)))

    def reset(self, cursor: Cursor, reason: str) -> bytes:
        """The client cannot resume: it loads the page anew and goes on from `cursor`."""
        data = dump_json({"reason": reason, "cursor": str(cursor)})
        return self._pack(b"event: reset\nid: %b\ndata: %b\n\n" % (str(cursor).encode(), data))

    def end(self, code: int, retry: int) -> bytes:  # noqa: ARG002  a WebSocket's
        """The last frame: when to come back (milliseconds)."""
        return self._pack(b"retry: %d\n\n" % retry)


def deflate(frame: bytes) -> bytes:
    """A frame as a part of any gzip stream."""
    compressor = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return compressor.compress(frame) + compressor.flush(zlib.Z_FULL_FLUSH)
