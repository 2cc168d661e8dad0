"""Server-Sent Events: encodes the stream, plain or compressed once for all readers.

Data is always one line of JSON, which contains no line break, so no value can leave its field.

Source: WHATWG HTML, section 9.2.
"""

from collections.abc import Callable

from app.formats.gzip_stream import GZIP_HEAD, deflate
from app.formats.public_json import PublicJson, dump_json
from app.timeline.cursor import Cursor
from app.timeline.event import Event


class SseEncoder:
    """Encodes a stream, with or without the page's HTML, compressed or not."""

    def __init__(
        self,
        public_json: PublicJson,
        *,
        render: Callable[[Event], str] | None = None,
        compress: bool = False,
    ) -> None:
        self._public_json = public_json
        self._render = render
        self._pack = deflate if compress else bytes
        self.head = GZIP_HEAD if compress else b""
        self.heartbeat = self._pack(b":\n\n")

    def start(self, cursor: Cursor, retry: int) -> bytes:
        """The first frame: the reconnection delay (ms) and the cursor from which it continues.

        A block with an id and without data sets the client's last event ID without an event.
        """
        return self.head + self._pack(b"retry: %d\nid: %b\n\n" % (retry, str(cursor).encode()))

    def event(self, event: Event) -> bytes:
        """A journal event, with the default type so that `onmessage` gets it."""
        data = self._public_json.event(event, self._render)
        return self._pack(b"id: %b\ndata: %b\n\n" % (data["cursor"].encode(), dump_json(data)))

    def reset(self, cursor: Cursor, reason: str) -> bytes:
        """The message that a client cannot resume, so it must reload and continue from `cursor`."""
        data = dump_json({"reason": reason, "cursor": str(cursor)})
        return self._pack(b"event: reset\nid: %b\ndata: %b\n\n" % (str(cursor).encode(), data))

    def end(self, code: int, retry: int) -> bytes:  # noqa: ARG002  a WebSocket's
        """The last frame: the reconnection delay (ms)."""
        return self._pack(b"retry: %d\n\n" % retry)
