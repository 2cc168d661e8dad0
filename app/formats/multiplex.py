"""Server-Sent Events of several coverages on one stream, plain or compressed.

The id of each frame is composite: the cursor of every coverage that the stream has, as
`SLUG:CURSOR,SLUG:CURSOR`. So a client that comes back with `Last-Event-ID` resumes each of them
exactly. Neither a slug nor a cursor can hold a colon, a comma or a line end.

Source: WHATWG HTML, section 9.2.
"""

from collections.abc import Mapping

from app.formats.public_json import dump_json
from app.formats.sse import GZIP_HEAD, deflate
from app.timeline.cursor import Cursor

Cursors = Mapping[str, Cursor]


class MultiplexEncoder:
    """How such a stream is written.

    Args:
        compress: with gzip.
    """

    def __init__(self, *, compress: bool) -> None:
        self._pack = deflate if compress else bytes
        self._head = GZIP_HEAD if compress else b""
        self.heartbeat = self._pack(b":\n\n")

    def start(self, cursors: Cursors, retry: int) -> bytes:
        """The first frame: when to come back (milliseconds) and from where each goes on."""
        return self._head + self._pack(b"retry: %d\nid: %b\n\n" % (retry, _composite(cursors)))

    def event(self, cursors: Cursors, frame: bytes) -> bytes:
        """A journal event.

        Args:
            cursors: of all coverages, behind this event.
            frame: as the stream of one coverage has it, uncompressed; its first line is the id.
        """
        return self._pack(b"id: %b\n%b" % (_composite(cursors), frame.partition(b"\n")[2]))

    def reset(self, cursors: Cursors, slug: str, reason: str) -> bytes:
        """One coverage cannot be resumed: its state is to be loaded anew."""
        data = {"coverage": slug, "reason": reason, "cursor": str(cursors[slug])}
        fields = _composite(cursors), dump_json(data)
        return self._pack(b"event: reset\nid: %b\ndata: %b\n\n" % fields)

    def gone(self, slug: str) -> bytes:
        """There is no such coverage, or no longer; the others go on."""
        return self._pack(b"event: gone\ndata: %b\n\n" % dump_json({"coverage": slug}))

    def end(self, retry: int) -> bytes:
        """The last frame: when to come back (milliseconds)."""
        return self._pack(b"retry: %d\n\n" % retry)


def _composite(cursors: Cursors) -> bytes:
    return ",".join(f"{slug}:{cursor}" for slug, cursor in cursors.items()).encode()


def parse_composite(text: str | None) -> tuple[dict[str, str], str | None]:
    """What a client says of where it is.

    Args:
        text: composite, as `id` has it; a cursor without a slug is that of all coverages that the
            text does not name, such as `0` for their beginning.

    Returns:
        The cursors by slug, and that of the rest; each is still to be checked.
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
