"""A client's line as the server gives it up."""

import asyncio
import socket
import struct
from dataclasses import dataclass
from typing import Any

from websockets.protocol import Protocol

_RESET = struct.pack("ii", True, 0)  # SO_LINGER: throw away what is not sent


@dataclass(frozen=True, slots=True)
class Line:
    """A plain TCP connection on which the head of a response is out.

    Args:
        transport: its own; nothing else writes to it from now on.
        peers: the connections that the server waits for when it stops.
        is_chunked: whether the body of the response is in chunks, as it is not in HTTP/1.0.
        is_socket: whether it speaks WebSocket.
        deflate: the window bits of what a WebSocket client compresses; None if it does not.
        begun: the server's reading of a WebSocket client that has spoken already; else None.
    """

    transport: asyncio.Transport
    peers: set[Any]
    is_chunked: bool = False
    is_socket: bool = False
    deflate: int | None = None
    begun: Protocol | None = None


def set_cork(transport: asyncio.BaseTransport, *, on: bool) -> None:
    """Hold back what is written to a socket, or let go of it; nothing where that is not known."""
    line = transport.get_extra_info("socket")
    if line is not None and line.family != socket.AF_UNIX and hasattr(socket, "TCP_CORK"):
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, on)


def reset(transport: asyncio.Transport) -> None:
    """Break a connection off, with all that still waits for its client.

    Closed in order, the kernel would go on offering what it holds, minutes long.
    """
    line = transport.get_extra_info("socket")
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()
