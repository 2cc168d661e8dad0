"""uvicorn's WebSocket connection with the terms of compression that shared frames need.

Without context takeover on either side no connection keeps a window, and a frame that is compressed
once fits all of them (RFC 7692, section 7.1.1).
"""

import logging
from collections.abc import Sequence
from typing import Any

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import NegotiationError
from websockets.extensions.base import Extension
from websockets.extensions.permessage_deflate import (
    PerMessageDeflate,
    ServerPerMessageDeflateFactory,
)
from websockets.typing import ExtensionParameter

from app.framing.socket import WINDOW_BITS

_log = logging.getLogger(__name__)
_log.setLevel(logging.WARNING)


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
        """Read what the client sent."""
        self.has_spoken = self.handshake_initiated
        super().data_received(data)
