"""Wire formats: the formats of a coverage's stream, and the choice of one for a client.

A new format needs a member of `Wire` and an encoder in `encoders`; all other code calls
`choose_wire`.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Literal, Protocol

from app.formats.chunked import ChunkedEncoder
from app.formats.public_json import PublicJson
from app.formats.sse import SseEncoder
from app.formats.websocket import FrameEncoder, MessageEncoder
from app.timeline.cursor import Cursor
from app.timeline.event import Event

Form = Literal["json", "html"]


class Wire(Enum):
    """A wire format: protocol, form of the events, compression, and transfer framing.

    Transfer framing is the chunks of HTTP/1.1 or the frames of WebSocket. A stream includes it if
    the hub writes to the connection itself; otherwise the server adds it.
    """

    SSE_JSON = ("sse", "json", False, False)
    SSE_JSON_CHUNKED = ("sse", "json", False, True)
    SSE_JSON_GZIP = ("sse", "json", True, False)
    SSE_JSON_GZIP_CHUNKED = ("sse", "json", True, True)
    SSE_HTML = ("sse", "html", False, False)
    SSE_HTML_CHUNKED = ("sse", "html", False, True)
    SSE_HTML_GZIP = ("sse", "html", True, False)
    SSE_HTML_GZIP_CHUNKED = ("sse", "html", True, True)
    WEBSOCKET_MESSAGES = ("websocket", "json", False, False)
    WEBSOCKET_FRAMES = ("websocket", "json", False, True)
    WEBSOCKET_DEFLATE_FRAMES = ("websocket", "json", True, True)

    @property
    def form(self) -> Form:
        """The form of its events."""
        return self.value[1]

    @property
    def is_compressed(self) -> bool:
        """Whether its messages are compressed."""
        return self.value[2]


def choose_wire(
    protocol: Literal["sse", "websocket"],
    form: Form = "json",
    *,
    compressed: bool = False,
    framed: bool = False,
) -> Wire:
    """Choose the wire format for a client's request.

    Args:
        protocol: Server-Sent Events, or WebSocket, which has JSON only.
        form: `html` adds the page's own HTML to each event.
        compressed: whether gzip (SSE) or permessage-deflate (WebSocket) was negotiated.
        framed: whether the hub adds the transfer framing; without it the server compresses a
            WebSocket's messages, and `compressed` is ignored.

    Raises:
        ValueError: a WebSocket with HTML.
    """
    if protocol == "websocket" and not framed:
        compressed = False
    return Wire((protocol, form, compressed, framed))


class Encoder(Protocol):
    """Encodes a stream's messages in one wire format."""

    @property
    def heartbeat(self) -> bytes:
        """The bytes that keep an idle connection open; empty if the server sends them."""

    def start(self, cursor: Cursor, retry: int) -> bytes:
        """The first message: the cursor from which the stream continues, the delay in ms."""

    def event(self, event: Event) -> bytes:
        """A journal event."""

    def reset(self, cursor: Cursor, reason: str) -> bytes:
        """The message that tells a client to reload its state and continue from `cursor`."""

    def end(self, code: int, retry: int) -> bytes:
        """The last bytes of a stream: a WebSocket's close code, or when to reconnect (ms)."""


def encoders(public_json: PublicJson, render: Callable[[Event], str]) -> Mapping[Wire, Encoder]:
    """An encoder for each wire format.

    Args:
        public_json: encodes the JSON.
        render: renders an event as the page's own HTML.
    """
    messages = MessageEncoder(public_json)
    by_wire: dict[Wire, Encoder] = {
        Wire.WEBSOCKET_MESSAGES: messages,
        Wire.WEBSOCKET_FRAMES: FrameEncoder(messages),
        Wire.WEBSOCKET_DEFLATE_FRAMES: FrameEncoder(messages, compress=True),
    }
    forms: dict[Form, Callable[[Event], str] | None] = {"json": None, "html": render}
    for name, html in forms.items():
        for compressed in False, True:
            encoder = SseEncoder(public_json, render=html, compress=compressed)
            by_wire[choose_wire("sse", name, compressed=compressed)] = encoder
            chunked = choose_wire("sse", name, compressed=compressed, framed=True)
            by_wire[chunked] = ChunkedEncoder(encoder)
    return by_wire
