"""uvicorn's WebSocket connection with the terms of compression that shared frames need.

Without context takeover on either side no connection keeps a window, and a frame that is compressed
once fits all of them (RFC 7692, section 7.1.1).

The connection keeps its place among the plain ones until the hub takes it, or it is over. What
uvicorn leaves open is ended here: a head that the WebSocket library cannot read, of which uvicorn
says nothing at all, and a client that neither answers a close frame nor takes what it was sent.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

from uvicorn._types import ASGISendEvent
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
from app.server.timeouts import ReadTimeouts
from app.server.write_timeout import WriteTimeout
from app.web.problems import HeadTooLarge, NotHttp

_MAX_INPUT = HubConfig().max_websocket_input  # bytes, as where the hub has the connection
_REQUEST_LINE = len("GET  HTTP/1.1")
_LINGER = 2.0  # seconds beyond uvicorn's own for a close frame to be answered

_log = logging.getLogger(__name__)
_log.setLevel(logging.WARNING)


def fits_handshake(target: bytes, fields: Sequence[tuple[bytes, bytes]]) -> bool:
    """Whether the WebSocket library will read a head of that target and these fields."""
    longest = max((len(name) + len(value) for name, value in fields), default=0)
    lines = max(len(target) + _REQUEST_LINE, longest + len(": "))
    return len(fields) <= MAX_NUM_HEADERS and lines + len("\r\n") <= MAX_LINE_LENGTH


def too_large_for_handshake() -> HeadTooLarge:
    """The answer to a head that it will not read."""
    return HeadTooLarge("A line of the head is too long for a WebSocket, or it has too many.")


class _SharedDeflate(ServerPerMessageDeflateFactory):
    def process_request_params(
        self, params: Sequence[ExtensionParameter], accepted_extensions: Sequence[Extension]
    ) -> tuple[list[ExtensionParameter], PerMessageDeflate]:
        answer, extension = super().process_request_params(params, accepted_extensions)
        if extension.local_max_window_bits < WINDOW_BITS:
            # The frames are the same for all; this client could not unpack the longer ones.
            raise NegotiationError("no smaller window is offered here")
        return answer, extension


class SocketProtocol(WebSocketsSansIOProtocol):
    """What uvicorn makes for each upgrade; `has_spoken` once its client sent a byte behind that."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.has_spoken = False
        self._heard = 0
        self._timeouts: ReadTimeouts | None = None
        self._write_timeout: WriteTimeout | None = None
        self._release: Callable[[], None] | None = None
        # A line for each reader who comes and goes would bury the others.
        self.logger = self.conn.logger = _log
        self.conn.available_extensions = [
            _SharedDeflate(
                server_no_context_takeover=True,
                client_no_context_takeover=True,
                server_max_window_bits=WINDOW_BITS,
                client_max_window_bits=WINDOW_BITS,
            )
        ]

    async def send(self, message: ASGISendEvent) -> None:
        """Send what the application says."""
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            # Refused by an HTTP answer. uvicorn would write an error to its log for each of them.
            self.handshake_complete = True

    def data_received(self, data: bytes) -> None:
        """Read what the client sent; who goes on talking is cut, since each frame takes time."""
        self.has_spoken = self.handshake_initiated
        if self.has_spoken:  # else it is the head
            self._heard += len(data)
        if self._heard > _MAX_INPUT:
            self.transport.abort()
        else:
            super().data_received(data)

    def handle_parser_exception(self) -> None:
        """End a connection whose client sends what is no frame."""
        if self.conn.close_sent is None:
            # The handshake has no answer yet, so no close frame was sent; uvicorn expects one.
            self.transport.abort()
        else:
            super().handle_parser_exception()

    @property
    def handshake_refusal(self) -> Exception | None:
        """Why the head of the request, which was given whole, cannot be read; None if it can."""
        if self.handshake_initiated:
            return None
        if isinstance(self.conn.handshake_exc, SecurityError):
            return too_large_for_handshake()
        return NotHttp("What came is no request that opens a WebSocket.")

    def guard(
        self, timeouts: ReadTimeouts, write_timeout: WriteTimeout, release: Callable[[], None]
    ) -> None:
        """Hold the connection to the same limits as before the upgrade.

        Args:
            timeouts: who looks after all connections of this process.
            write_timeout: of this connection.
            release: gives its place among the plain connections back.
        """
        self._timeouts, self._write_timeout, self._release = timeouts, write_timeout, release

    def let_go(self) -> None:
        """Hold it to nothing any more: it is over, or the hub's."""
        if self._timeouts and self._write_timeout and self._release:
            self._timeouts.disarm(self)
            self._write_timeout.disarm()
            self._release()
        self._timeouts = self._write_timeout = self._release = None

    def pause_writing(self) -> None:
        """The client is behind: look whether it reads, and do not hear it, lest answers pile up."""
        super().pause_writing()
        if self._write_timeout:
            self._write_timeout.arm()
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        """The client has caught up."""
        super().resume_writing()
        if not self.read_paused:
            self.transport.resume_reading()

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        """The application has nothing more to say: the client has a moment to take its leave."""
        super().on_task_complete(task)
        if self._timeouts:
            self._timeouts.arm(self, self.close_timeout + _LINGER)

    def expired(self) -> None:
        """The moment is over."""
        self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self.let_go()
        super().connection_lost(exc)
