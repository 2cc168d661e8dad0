"""What goes over a WebSocket: each journal event is one text frame, the same JSON as SSE data."""

from app.framing.history import PublicForm, dump_json
from app.timeline.cursor import Cursor
from app.timeline.event import Event


class SocketWire:
    """The texts of the frames; the framing itself (RFC 6455) is the server's."""

    heartbeat = b""  # the server pings

    def __init__(self, form: PublicForm) -> None:
        self._form = form

    def start(self, cursor: Cursor, retry: int) -> bytes:  # noqa: ARG002  SSE's word
        """The first frame: from where the stream goes on."""
        return dump_json({"type": "hello", "cursor": str(cursor)})

    def event(self, event: Event) -> bytes:
        """A journal event."""
        return dump_json(self._form.event(event))

    def reset(self, cursor: Cursor, reason: str) -> bytes:
        """The client cannot resume: it loads the page anew and goes on from `cursor`."""
        return dump_json({"type": "reset", "reason": reason, "cursor": str(cursor)})
