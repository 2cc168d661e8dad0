"""A client's TCP connection as the server hands it over to the hub."""

import asyncio
import socket
import struct
from dataclasses import dataclass
from typing import Any

from websockets.protocol import Protocol

_RESET = struct.pack("ii", True, 0)  # SO_LINGER: discard what is not sent


@dataclass(frozen=True, slots=True)
class RawConnection:
    """A plain TCP connection on which the head of a response is out.

    Args:
        transport: its own; nothing else writes to it from now on.
        peers: the connections that the server waits for when it stops.
        is_chunked: whether the body of the response is in chunks, as it is not in HTTP/1.0.
        is_websocket: whether it speaks WebSocket.
        deflate: the window bits of what a WebSocket client compresses; None if it does not.
        begun: the server's parser of a WebSocket client that has already sent something; else None.
    """

    transport: asyncio.Transport
    peers: set[Any]
    is_chunked: bool = False
    is_websocket: bool = False
    deflate: int | None = None
    begun: Protocol | None = None


def set_cork(transport: asyncio.BaseTransport, *, on: bool) -> None:
    """Hold back what is written to a socket, or release it; does nothing without TCP_CORK."""
    raw = transport.get_extra_info("socket")
    if raw is not None and raw.family != socket.AF_UNIX and hasattr(socket, "TCP_CORK"):
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, on)


def reset(transport: asyncio.Transport) -> None:
    """Reset a connection, and discard all that still waits for its client.

    After an orderly close the kernel would keep offering what it holds for minutes.
    """
    raw = transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()
