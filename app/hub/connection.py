"""Connection: an open stream whose transport the hub owns, without a task, timer or queue.

It replaces the server's protocol on the transport once the head of the response is written. While
the client keeps up, its shard writes to the descriptor. When the socket is full, the connection
leaves the shard and keeps only its position; once the transport has drained, it catches up like a
client that has reconnected.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterable
from typing import Any, Literal, Protocol

from app.formats.websocket import CloseCode
from app.formats.wires import Encoder
from app.hub.config import HubConfig
from app.hub.raw_connection import RawConnection, reset
from app.hub.websocket_input import WebSocketInput

Reason = Literal["client", "rotated", "slow", "shutdown", "error", "answered"]
OnClose = Callable[[Reason], None]


class Owner(Protocol):
    """The owner of a connection, which is called on its state changes: its lane's broadcast."""

    config: HubConfig

    @property
    def slug(self) -> str:
        """The coverage of the stream."""

    @property
    def encoder(self) -> Encoder:
        """The encoder of the connection's wire format."""

    def join(self, connection: Connection) -> None:
        """Bring a connection to the lane's head and add it to a shard."""

    def paused(self, connection: Connection) -> None:
        """Handle a connection whose socket is full."""

    def resumed(self, connection: Connection) -> None:
        """Handle a connection whose buffer has drained."""

    def closing(self, connection: Connection) -> None:
        """Handle a connection that waits for its client to answer the close frame."""

    def lost(self, connection: Connection) -> None:
        """Forget a connection that has closed."""


class Group(Protocol):
    """A group of connections that are written to together: a shard."""

    seq: int

    def remove(self, connection: Connection) -> None:
        """Remove a connection, and set its position."""


class Connection(asyncio.Protocol):
    """A subscriber with a transport of its own.

    `seq` is its position while it is in no shard; `expires` the second in which its lifetime ends;
    `reason` why it ended; `received` the number of bytes that the client has sent.

    Args:
        owner: called on the connection's state changes.
        seq: the position: the client has every event up to here.
        known_head: the seq of the journal's head as the client's own request read it, which the
            topic may not have reached yet.
        on_close: called with the reason when the connection has closed.
    """

    __slots__ = (
        "descriptor", "expires", "index", "is_ending", "is_paused", "known_head", "on_close",
        "owner", "peers", "reason", "received", "seq", "shard", "transport",
    )  # fmt: skip

    has_close_codes = False  # whether its wire format can send a reason for the end

    def __init__(self, owner: Owner, seq: int, known_head: int, on_close: OnClose) -> None:
        self.owner = owner
        self.seq = seq
        self.known_head = known_head
        self.on_close = on_close
        self.shard: Group | None = None
        self.index = 0  # in the shard
        self.is_paused = False
        self.is_ending = False
        self.expires = 0
        self.received = 0
        self.reason: Reason = "client"
        self.transport: asyncio.Transport
        self.descriptor: int
        self.peers: set[Any]

    def attach(self, raw: RawConnection) -> None:
        """Take over a connection from the server."""
        self.transport, self.peers = raw.transport, raw.peers
        self.peers.add(self)
        self.transport.set_protocol(self)
        raw_socket = self.transport.get_extra_info("socket")
        self.descriptor = raw_socket.fileno()
        # Otherwise the kernel buffers megabytes for each client that does not read, and the
        # process does not notice that the client is slow.
        kernel_buffer = self.owner.config.kernel_buffer
        raw_socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, kernel_buffer)
        # The transport pauses as soon as it buffers anything: shards write past the transport,
        # which keeps the order of bytes only while the transport's own buffer is empty.
        self.transport.set_write_buffer_limits(0, 0)

    def write(self, data: bytes) -> None:
        """Write through the transport."""
        self.transport.write(data)
        if not self.is_paused and self.transport.get_write_buffer_size():
            self.pause_writing()  # the transport itself calls it only for later writes

    def feed(self, frames: Iterable[bytes], sent: int = 0) -> None:
        """Write the next events' frames until the socket is full, and advance `seq` by them.

        It writes in chunks, so that a slow client's transport never buffers more than one.

        Args:
            frames: the frames after `seq`, oldest first.
            sent: the number of their bytes that are already written.
        """
        rest, size = iter(frames), self.owner.config.write_chunk
        while not (self.is_paused or self.transport.is_closing()):
            chunk: list[bytes] = []
            length = 0
            for frame in rest:
                chunk.append(frame)
                length += len(frame)
                if length >= size:
                    break
            if not chunk:
                return
            self.seq += len(chunk)
            data = b"".join(chunk)
            self.write(data[sent:])
            sent = max(0, sent - len(data))

    def data_received(self, data: bytes) -> None:
        """Ignore input up to `max_input`; reset an SSE client that sends more."""
        self.received += len(data)
        if self.received > self.owner.config.max_input:
            self.abort()

    def eof_received(self) -> bool:
        """Close the connection, since the client has closed its side."""
        return False

    def pause_writing(self) -> None:
        """Leave the shard, since the socket is full."""
        if not self.is_paused:
            self.is_paused = True
            self._leave_shard()
            self.owner.paused(self)

    def resume_writing(self) -> None:
        """Catch up, since the buffer has drained."""
        if self.is_paused:
            self.is_paused = False
            self.owner.resumed(self)

    def join(self) -> None:
        """Have the owner bring it to the head, unless it is paused, ending or closed."""
        if not (self.is_paused or self.is_ending or self.shard or self.transport.is_closing()):
            self.owner.join(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Clean up, whichever side ended the connection."""
        self._leave_shard()
        self.is_paused = False  # there is nothing left to reset
        self.peers.discard(self)
        self.owner.lost(self)

    def shutdown(self) -> None:
        """Ignore uvicorn's call at its shutdown: the hub's drain ends the stream."""

    def end(self, reason: Reason, code: int, retry: int) -> None:
        """End the stream; the client reconnects with its cursor.

        Args:
            reason: for the metrics.
            code: a WebSocket's close code.
            retry: the client's delay in milliseconds, if the wire format can carry it.
        """
        self._leave_shard()
        if not self.is_ending and not self.transport.is_closing():
            self.is_ending, self.reason = True, reason
            self.transport.write(self.owner.encoder.end(code, retry))
            self.close()

    def close(self) -> None:
        """Close the transport after the last message."""
        self.transport.close()

    def abort(self) -> None:
        """Reset the connection, and discard the bytes that the client has not read."""
        self._leave_shard()
        reset(self.transport)

    def _leave_shard(self) -> None:
        if self.shard is not None:
            self.shard.remove(self)


class WebSocketConnection(Connection):
    """A connection that also answers pings and the client's close frame."""

    __slots__ = ("_deflate", "_input")

    has_close_codes = True

    _deflate: int | None
    _input: WebSocketInput | None

    def attach(self, raw: RawConnection) -> None:
        """Take over a connection from the server."""
        self._deflate = raw.deflate
        # Only for clients that send something: a parser takes 4 KB, and browsers send nothing.
        parser, size = raw.parser, self.owner.config.max_message
        self._input = WebSocketInput(size, parser=parser) if parser else None
        super().attach(raw)

    def data_received(self, data: bytes) -> None:
        """Answer pings and close frames; check messages and discard them."""
        if self.transport.is_closing():
            return  # input after a close frame is ignored
        config = self.owner.config
        self.received += len(data)
        if self._input is None:
            self._input = WebSocketInput(config.max_message, self._deflate)
        self._input.receive(data)
        if self.received > config.max_websocket_input:
            self._input.fail(CloseCode.POLICY, "this stream is read-only")
        answer = self._input.answer()
        if answer and not self.is_ending:  # else the close frame was sent before
            self.write(answer)
        if self._input.is_over:
            self._leave_shard()
            self.transport.close()

    def close(self) -> None:
        """Wait for the client's close frame, which would otherwise reach a closed socket."""
        self.owner.closing(self)

    def pause_writing(self) -> None:
        """Leave the shard, and stop reading, so that answers do not accumulate."""
        if not self.is_paused:
            self.transport.pause_reading()
        super().pause_writing()

    def resume_writing(self) -> None:
        """Resume reading, and catch up."""
        if self.is_paused and not self.transport.is_closing():
            self.transport.resume_reading()
        super().resume_writing()
