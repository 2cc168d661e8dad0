"""One open stream whose transport the hub owns: no task, no timer, no queue.

It replaces the server's protocol on the connection once the head of the response is out. While the
client keeps up, its shard writes to the descriptor. When the socket is full it leaves the shard and
keeps only its position; once drained it catches up as somebody who has come back.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal

from app.hub.line import Line, reset

if TYPE_CHECKING:
    from app.hub.lane import Lane
    from app.hub.push import Push
    from app.hub.shard import Shard
    from app.hub.topic import Topic

Reason = Literal["client", "rotated", "slow", "shutdown", "error", "answered"]
Leave = Callable[[Reason], None]

_MOST_HEARD = 4096  # bytes
_IN_KERNEL = 128 * 1024  # bytes that wait there for a client; Linux doubles it for its own needs
_PIECE = 64 * 1024  # bytes of a replay that are written at a time


class Connection(asyncio.Protocol):
    """A subscriber with a transport of its own.

    `seq` is its position while it is in no shard; `known` the journal's head as its own request
    read it, which the topic may not have reached yet; `expires` the second in which its life is
    over; `reason` why it ended; `heard` the bytes that the client has said; `leave` whom to tell.
    """

    __slots__ = (
        "descriptor", "expires", "heard", "is_leaving", "is_paused", "known", "lane", "leave",
        "peers", "place", "push", "reason", "seq", "shard", "topic", "transport",
    )  # fmt: skip

    hears_reasons = False  # whether its wire can say why it ends

    def __init__(
        self,
        push: Push,
        topic: Topic,
        lane: Lane,
        seq: int,
        known: int,
        leave: Leave,
    ) -> None:
        self.push = push
        self.topic = topic
        self.lane = lane
        self.seq = seq
        self.known = known
        self.leave = leave
        self.shard: Shard | None = None
        self.place = 0
        self.is_paused = False
        self.is_leaving = False
        self.expires = 0
        self.heard = 0
        self.reason: Reason = "client"
        self.transport: asyncio.Transport
        self.descriptor: int
        self.peers: set[Any]

    def attach(self, line: Line) -> None:
        """Take over a line from the server."""
        self.transport, self.peers = line.transport, line.peers
        self.peers.add(self)
        self.transport.set_protocol(self)
        line_socket = self.transport.get_extra_info("socket")
        self.descriptor = line_socket.fileno()
        # Else the kernel would keep megabytes for each client that does not read, and tell nobody.
        line_socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _IN_KERNEL)
        # Whatever a socket does not take at once makes its client slow: shards write around the
        # transport, which is in order only while nothing waits in there.
        self.transport.set_write_buffer_limits(0, 0)

    def write(self, data: bytes) -> None:
        """Write through the transport."""
        self.transport.write(data)
        if not self.is_paused and self.transport.get_write_buffer_size():
            self.pause_writing()  # the transport tells only of what comes later

    def feed(self, frames: Iterable[bytes], sent: int = 0) -> None:
        """Write the next events' frames until the client is slow; `seq` says how far it came.

        In pieces, so that no more than one waits here for each slow client.

        Args:
            frames: oldest first.
            sent: so many bytes of them are out already.
        """
        rest = iter(frames)
        while not (self.is_paused or self.transport.is_closing()) and (piece := _piece(rest)):
            self.seq += len(piece)
            data = b"".join(piece)
            self.write(data[sent:])
            sent = max(0, sent - len(data))

    def data_received(self, data: bytes) -> None:
        """A reader of server-sent events has nothing to say; who goes on talking is cut."""
        self.heard += len(data)
        if self.heard > _MOST_HEARD:
            self.cut()

    def eof_received(self) -> bool:
        """The client has closed its side: so do we."""
        return False

    def pause_writing(self) -> None:
        """The client is slow: unhook it."""
        if not self.is_paused:
            self.is_paused = True
            self._unhook()
            self.push.slowed(self)

    def resume_writing(self) -> None:
        """The client has taken everything: bring it to the head again."""
        if self.is_paused:
            self.is_paused = False
            self.push.drained(self)

    def join(self) -> None:
        """Be brought to the head and kept there, unless the client is slow or gone."""
        if not (self.is_paused or self.is_leaving or self.shard or self.transport.is_closing()):
            self.push.join(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """It is over, whoever ended it."""
        self._unhook()
        self.is_paused = False  # there is nothing left to cut
        self.peers.discard(self)
        self.push.lost(self)

    def shutdown(self) -> None:
        """Uvicorn's word to every connection when it is told to stop: the hub sees to it."""

    def end(self, reason: Reason, code: int, retry: int) -> None:
        """Send the client away; it comes back with its cursor.

        Args:
            reason: for the metrics.
            code: for a WebSocket.
            retry: in how many milliseconds, if the wire can say so.
        """
        self._unhook()
        if not self.is_leaving and not self.transport.is_closing():
            self.is_leaving, self.reason = True, reason
            self.transport.write(self.lane.encoder.end(code, retry))
            self.close()

    def close(self) -> None:
        """Close the line behind the last message."""
        self.transport.close()

    def cut(self) -> None:
        """Reset the line of a client that does not read what waits for it."""
        self._unhook()
        reset(self.transport)

    def _unhook(self) -> None:
        if self.shard is not None:
            self.shard.drop(self)


def _piece(frames: Iterator[bytes]) -> list[bytes]:
    piece, size = [], 0
    for frame in frames:
        piece.append(frame)
        size += len(frame)
        if size >= _PIECE:
            break
    return piece
