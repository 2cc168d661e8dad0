"""WebSocket protocol: uvicorn's own, with compression terms that allow shared frames.

Without context takeover on either side no connection keeps a compression window, so a frame that is
compressed once fits all connections (RFC 7692, section 7.1.1).

The connection counts as a plain one until the hub takes it over or it closes. This protocol also
ends connections that uvicorn would leave open: one whose head the WebSocket library cannot read,
which uvicorn does not report, and one whose client neither answers a close frame nor reads what it
was sent.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import NegotiationError, SecurityError
from websockets.extensions.base import Extension
from websockets.extensions.permessage_deflate import (
    PerMessageDeflate,
    ServerPerMessageDeflateFactory,
)
from websockets.http11 import MAX_LINE_LENGTH, MAX_NUM_HEADERS
from websockets.typing import ExtensionParameter

from app.formats.websocket import WINDOW_BITS
from app.hub.config import HubConfig
from app.server.request_head import has_body
from app.server.timeouts import ReadTimeouts
from app.server.write_timeout import WriteTimeout
from app.web.problems import HeadTooLarge, NotHttp

_MAX_INPUT = HubConfig().max_websocket_input  # bytes, as once the hub has the connection
_REQUEST_LINE = len("GET  HTTP/1.1")
_LINGER = 2.0  # seconds beyond uvicorn's own time-out for the answer to a close frame

_log = logging.getLogger(__name__)
_log.setLevel(logging.WARNING)


def refuse_upgrade(protocol: HttpToolsProtocol) -> Exception | None:
    """Return why the request just parsed must not upgrade its connection; None if it may."""
    fields, cycle = protocol.headers, protocol.cycle
    if has_body(fields):
        # The parser would pass the body to the other protocol, so it would be lost.
        return NotHttp("A request with a body cannot upgrade the connection.")
    if not protocol._should_upgrade():  # noqa: SLF001
        return None
    longest = max((len(name) + len(value) for name, value in fields), default=0)
    lines = max(len(protocol.url) + _REQUEST_LINE, longest + len(": "))
    if len(fields) > MAX_NUM_HEADERS or lines + len("\r\n") > MAX_LINE_LENGTH:
        # The other protocol would refuse it too, but only after creating all of its objects.
        return too_large_for_handshake()
    if cycle is not None and not cycle.response_complete:
        # Otherwise both protocols would write to this connection.
        return NotHttp("An upgrade must wait for the answers to earlier requests.")
    return None


def too_large_for_handshake() -> HeadTooLarge:
    """Return the refusal of a head that the WebSocket library does not accept."""
    return HeadTooLarge("The head has too long a line for a WebSocket, or too many lines.")


class _SharedDeflate(ServerPerMessageDeflateFactory):
    def process_request_params(
        self, params: Sequence[ExtensionParameter], accepted_extensions: Sequence[Extension]
    ) -> tuple[list[ExtensionParameter], PerMessageDeflate]:
        answer, extension = super().process_request_params(params, accepted_extensions)
        if extension.local_max_window_bits < WINDOW_BITS:
            # All clients get the same frames; this one could not decompress those with a longer
            # window.
            raise NegotiationError("this server offers no smaller window")
        return answer, extension


EXTENSIONS = [
    _SharedDeflate(
        server_no_context_takeover=True,
        client_no_context_takeover=True,
        server_max_window_bits=WINDOW_BITS,
        client_max_window_bits=WINDOW_BITS,
    )
]


class _Limits(NamedTuple):
    """What bounds a connection until the hub takes it over, and the end of its count."""

    timeouts: ReadTimeouts
    write_timeout: WriteTimeout
    release: Callable[[], None]


class SocketProtocol(WebSocketsSansIOProtocol):
    """The protocol of one upgraded connection.

    `has_received` is true once the client has sent a byte after the handshake.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.has_received = False
        self._received = 0
        self._limits: _Limits | None = None
        # A log line for each connection would bury all others.
        self.logger = self.conn.logger = _log
        self.conn.available_extensions = EXTENSIONS

    async def send(self, message: ASGISendEvent) -> None:
        """Send a message of the application."""
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            # Refused by an HTTP response. uvicorn would log an error for each of them.
            self.handshake_complete = True

    def data_received(self, data: bytes) -> None:
        """Read data; abort a client that sends too much, since each frame costs time."""
        self.has_received = self.handshake_initiated
        if self.has_received:  # otherwise the data is the head
            self._received += len(data)
        if self._received > _MAX_INPUT:
            self.transport.abort()
        else:
            super().data_received(data)

    def handle_parser_exception(self) -> None:
        """End a connection whose client sends something that is no frame."""
        if self.conn.close_sent is None:
            # The handshake is not answered yet, so no close frame was sent, though uvicorn's
            # handler expects one.
            self.transport.abort()
        else:
            super().handle_parser_exception()

    @property
    def handshake_refusal(self) -> Exception | None:
        """Why the library cannot read the complete head of the request; None if it can."""
        if self.handshake_initiated:
            return None
        if isinstance(self.conn.handshake_exc, SecurityError):
            return too_large_for_handshake()
        return NotHttp("The request does not open a WebSocket.")

    def guard(
        self, timeouts: ReadTimeouts, write_timeout: WriteTimeout, release: Callable[[], None]
    ) -> None:
        """Keep the connection under the limits that applied before the upgrade.

        Args:
            timeouts: the time-outs of this process.
            write_timeout: the write timeout of this connection.
            release: stops counting it as a plain connection.
        """
        self._limits = _Limits(timeouts, write_timeout, release)

    def lift_limits(self) -> None:
        """Lift the limits: the connection has closed, or the hub has taken it over."""
        limits, self._limits = self._limits, None
        if limits is not None:
            limits.timeouts.disarm(self)
            limits.write_timeout.disarm()
            limits.release()

    def pause_writing(self) -> None:
        """Arm the write timeout and stop reading, so that answers to the client do not pile up."""
        super().pause_writing()
        if self._limits is not None:
            self._limits.write_timeout.arm()
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        """Resume reading, since the client has caught up."""
        super().resume_writing()
        if not self.read_paused:
            self.transport.resume_reading()

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        """Give the client a short time to close, since the application has finished."""
        super().on_task_complete(task)
        if self._limits is not None:
            self._limits.timeouts.arm(self, self.close_timeout + _LINGER)

    def expired(self) -> None:
        """Abort the connection, which its client has not closed in time."""
        self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Lift the limits of the closed connection."""
        self.lift_limits()
        super().connection_lost(exc)
