"""WebSocket echo server on the application's own WebSocket code, for Autobahn.

    python -m tests.conformance.echo 9001

The handshake is uvicorn's with the application's compression parameters. The connection is taken
over as for a stream, `WebSocketInput` reads the client's frames, and messages are framed as events
are. Only the maximum message size differs: the suite sends 16 MiB.
"""

import asyncio
import sys
from typing import Any

import uvicorn
from starlette.types import Receive, Scope, Send
from websockets.frames import Frame, Opcode

from app.formats.websocket import frame_deflated, frame_plain
from app.hub.raw_connection import RawConnection
from app.hub.websocket_input import WebSocketInput
from app.server.takeover import take_socket
from app.server.websocket_protocol import SocketProtocol

_MAX_MESSAGE = 64 * 1024 * 1024


class Echo(asyncio.Protocol):
    """A connection that sends every message back."""

    def __init__(self, raw: RawConnection) -> None:
        self._transport = raw.transport
        self._peers: set[Any] = raw.peers
        self._input = WebSocketInput(_MAX_MESSAGE, raw.deflate, raw.parser)
        self._frame = frame_plain if raw.deflate is None else frame_deflated
        self._message: list[Frame] = []
        self._peers.add(self)
        self._transport.set_protocol(self)

    def data_received(self, data: bytes) -> None:
        """Echo every complete message, and send the control frames that RFC 6455 requires."""
        if self._transport.is_closing():
            return
        frames = self._input.receive(data)
        if not self._input.is_over:  # pongs are sent before the message is complete
            self._transport.write(self._input.answer())
        for frame in frames:
            self._message.append(frame)
            if frame.fin:
                self._say()
        self._transport.write(self._input.answer())
        if self._input.is_over:
            self._transport.close()

    def _say(self) -> None:
        message = b"".join(bytes(frame.data) for frame in self._message)
        opcode = Opcode(self._message[0].opcode)
        self._message = []
        self._transport.write(self._frame(message, opcode))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Remove the closed connection from uvicorn's set."""
        self._peers.discard(self)

    def shutdown(self) -> None:
        """Close the connection when uvicorn shuts down."""
        self._transport.close()


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Accept a WebSocket on every path and echo its messages."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        raw = take_socket(receive)
        assert raw is not None, "the connection cannot be taken over"
        Echo(raw)


if __name__ == "__main__":
    config = uvicorn.Config(app, port=int(sys.argv[1]), ws=SocketProtocol, lifespan="off")
    config.ws_max_size = _MAX_MESSAGE
    config.log_level = "warning"
    uvicorn.Server(config).run()
