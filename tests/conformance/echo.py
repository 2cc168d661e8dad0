"""An echo on the program's own WebSocket code, for Autobahn's fuzzing client.

    python -m tests.conformance.echo 9001

The handshake is uvicorn's with our terms of compression, the line is taken over as a stream's is,
what the client says is read by `Hearing`, and the answers are framed as events are. Only the size
of a message is another: the suite sends 16 MiB.
"""

import asyncio
import sys
from typing import Any

import uvicorn
from starlette.types import Receive, Scope, Send
from websockets.frames import Frame, Opcode

from app.framing.socket import frame_deflated, frame_plain
from app.hub.hearing import Hearing
from app.hub.line import Line
from app.web.takeover import take_socket
from app.web.upgrade import SocketProtocol

_LARGEST = 64 * 1024 * 1024


class Echo(asyncio.Protocol):
    """A connection that says what it hears."""

    def __init__(self, line: Line) -> None:
        self._transport = line.transport
        self._peers: set[Any] = line.peers
        self._hearing = Hearing(_LARGEST, line.deflate, line.begun)
        self._frame = frame_plain if line.deflate is None else frame_deflated
        self._message: list[Frame] = []
        self._peers.add(self)
        self._transport.set_protocol(self)

    def data_received(self, data: bytes) -> None:
        """Answer every message that is whole, then what RFC 6455 asks to be answered."""
        if self._transport.is_closing():
            return
        heard = self._hearing.hear(data)
        if not self._hearing.is_over:  # pongs do not wait for the end of a message
            self._transport.write(self._hearing.answer())
        for frame in heard:
            self._message.append(frame)
            if frame.fin:
                self._say()
        self._transport.write(self._hearing.answer())
        if self._hearing.is_over:
            self._transport.close()

    def _say(self) -> None:
        message = b"".join(bytes(frame.data) for frame in self._message)
        opcode = Opcode(self._message[0].opcode)
        self._message = []
        self._transport.write(self._frame(message, opcode))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """It is over."""
        self._peers.discard(self)

    def shutdown(self) -> None:
        """Uvicorn stops."""
        self._transport.close()


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Echo on every address."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        line = take_socket(receive)
        assert line is not None, "the line cannot be taken over"
        Echo(line)


if __name__ == "__main__":
    config = uvicorn.Config(app, port=int(sys.argv[1]), ws=SocketProtocol, lifespan="off")
    config.ws_max_size = _LARGEST
    config.log_level = "warning"
    uvicorn.Server(config).run()
