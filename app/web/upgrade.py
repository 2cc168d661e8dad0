"""uvicorn's WebSocket connection with the terms of compression that shared frames need.

Without context takeover on either side no connection keeps a window, and a frame that is compressed
once fits all of them (RFC 7692, section 7.1.1).
"""

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory

from app.framing.socket import WINDOW_BITS


class SocketProtocol(WebSocketsSansIOProtocol):
    """What uvicorn makes for each upgrade; `has_spoken` once its client sent a byte behind that."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.has_spoken = False
        self.conn.available_extensions = [
            ServerPerMessageDeflateFactory(
                server_no_context_takeover=True,
                client_no_context_takeover=True,
                server_max_window_bits=WINDOW_BITS,
                client_max_window_bits=WINDOW_BITS,
            )
        ]

    def data_received(self, data: bytes) -> None:
        """Read what the client sent."""
        self.has_spoken = self.handshake_initiated
        super().data_received(data)
