"""Raw connection: a client's TCP connection as the server hands it over to the hub."""

import asyncio
import socket
import struct
from dataclasses import dataclass
from typing import Any

from websockets.protocol import Protocol

_RESET = struct.pack("ii", True, 0)  # SO_LINGER: discard what is not sent


@dataclass(frozen=True, slots=True)
class RawConnection:
    """A plain TCP connection to which a stream is written.

    Args:
        transport: the connection's transport; nothing else writes to it from now on.
        peers: the connections that the server waits for when it stops.
        head: the head of the response, which is written with the first frame; empty if it has been
            written, and the socket is corked since.
        is_chunked: whether the response's body is in chunks, which HTTP/1.0 does not have.
        is_websocket: whether the connection was upgraded to a WebSocket.
        deflate: the window bits with which a WebSocket client compresses; None if it does not.
        parser: the server's parser of a WebSocket client that has already sent bytes; else None.
    """

    transport: asyncio.Transport
    peers: set[Any]
    head: bytes = b""
    is_chunked: bool = False
    is_websocket: bool = False
    deflate: int | None = None
    parser: Protocol | None = None


def set_cork(transport: asyncio.BaseTransport, *, on: bool) -> None:
    """Hold back the writes to a socket, or release them; does nothing without TCP_CORK."""
    raw = transport.get_extra_info("socket")
    if raw is not None and raw.family != socket.AF_UNIX and hasattr(socket, "TCP_CORK"):
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, on)


def reset(transport: asyncio.Transport) -> None:
    """Reset a connection, and discard its unsent bytes.

    After an orderly close the kernel would retry to send them for minutes.
    """
    raw = transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()
