"""Multiplexed SSE: events of several coverages on one stream, plain or compressed.

The id of each frame is composite: the cursors of all coverages of the stream, as
`SLUG:CURSOR,SLUG:CURSOR`. So a client that reconnects with `Last-Event-ID` resumes each of them
exactly. Neither a slug nor a cursor can contain a colon, a comma or a line break.

Source: WHATWG HTML, section 9.2.
"""

from collections.abc import Mapping

from app.formats.gzip_stream import GZIP_HEAD, deflate
from app.formats.public_json import dump_json
from app.timeline.cursor import Cursor

Cursors = Mapping[str, Cursor]


class MultiplexEncoder:
    """Encodes a stream of several coverages.

    Args:
        compress: whether to compress it with gzip.
    """

    def __init__(self, *, compress: bool) -> None:
        self._pack = deflate if compress else bytes
        self._head = GZIP_HEAD if compress else b""
        self.heartbeat = self._pack(b":\n\n")

    def start(self, cursors: Cursors, retry: int) -> bytes:
        """The first frame: the reconnection delay (ms) and the cursors from which it continues."""
        return self._head + self._pack(b"retry: %d\nid: %b\n\n" % (retry, _composite(cursors)))

    def event(self, cursors: Cursors, frame: bytes) -> bytes:
        """A journal event.

        Args:
            cursors: the cursors of all coverages after this event.
            frame: the uncompressed frame of a single coverage's stream; its first line is the id.
        """
        return self._pack(b"id: %b\n%b" % (_composite(cursors), frame.partition(b"\n")[2]))

    def reset(self, cursors: Cursors, slug: str, reason: str) -> bytes:
        """The message that one coverage cannot resume, so the client must reload its state."""
        data = {"coverage": slug, "reason": reason, "cursor": str(cursors[slug])}
        fields = _composite(cursors), dump_json(data)
        return self._pack(b"event: reset\nid: %b\ndata: %b\n\n" % fields)

    def gone(self, slug: str) -> bytes:
        """The message that a coverage does not exist, or no longer; the others continue."""
        return self._pack(b"event: gone\ndata: %b\n\n" % dump_json({"coverage": slug}))

    def end(self, retry: int) -> bytes:
        """The last frame: the reconnection delay (ms)."""
        return self._pack(b"retry: %d\n\n" % retry)


def _composite(cursors: Cursors) -> bytes:
    return ",".join(f"{slug}:{cursor}" for slug, cursor in cursors.items()).encode()


def parse_composite(text: str | None) -> tuple[dict[str, str], str | None]:
    """Parse a client's composite cursor.

    Args:
        text: a composite id; a cursor without a slug applies to all coverages that the text does
            not name, such as `0` for their beginning. None means no cursors.

    Returns:
        The cursors by slug, and the cursor of the rest or None; each must still be checked.
    """
    cursors: dict[str, str] = {}
    rest = None
    for part in filter(None, (text or "").split(",")):
        slug, colon, cursor = part.rpartition(":")
        if colon:
            cursors[slug] = cursor
        else:
            rest = cursor
    return cursors, rest
