"""Shard: a group of a lane's connections that are written to in one turn of the event loop."""

from __future__ import annotations

import os
from time import monotonic

from app.hub.connection import Connection
from app.hub.lane import Lane


class Shard:
    """Connections that have every event up to `seq`, and whose transports are empty.

    The shard therefore writes to the descriptors themselves, without the cost of `transport.write`.
    Bytes that a socket does not accept go through the transport, and the connection leaves the
    shard until that has drained. A connection leaves before its descriptor is closed; otherwise the
    bytes would reach the next connection that gets the same descriptor.

    The two lists are parallel. Removal is O(1): the last connection moves to the free index.
    """

    __slots__ = ("_descriptors", "connections", "is_silent", "lane", "seq", "written_at")

    def __init__(self, lane: Lane, seq: int) -> None:
        self.lane = lane
        self.seq = seq
        self.is_silent = False  # due for a heartbeat
        self.written_at = monotonic()
        self.connections: list[Connection] = []
        self._descriptors: list[int] = []

    def add(self, connection: Connection) -> None:
        """Add a connection that has every event up to `seq` and whose transport is empty."""
        connection.shard, connection.index = self, len(self.connections)
        self.connections.append(connection)
        self._descriptors.append(connection.descriptor)

    def remove(self, connection: Connection) -> None:
        """Remove a connection, and set its position."""
        connection.seq, connection.shard = self.seq, None
        last, descriptor = self.connections.pop(), self._descriptors.pop()
        if last is not connection:
            index = last.index = connection.index
            self.connections[index], self._descriptors[index] = last, descriptor

    def flush(self) -> None:
        """Bring every connection to the lane's head, or send the heartbeat that is due."""
        if not self.connections:  # all have left; the buffer may not cover `seq`
            return
        since, self.seq = self.seq, self.lane.seq
        data = self.lane.since(since)
        if not data and self.is_silent:
            data = self.lane.encoder.heartbeat
        self.is_silent = False
        if data:
            self.written_at = monotonic()
            self._write(data, since)

    def _write(self, data: bytes, since: int) -> None:
        write, size = os.write, len(data)
        short: list[tuple[int, int]] = []
        for descriptor in self._descriptors:
            try:
                if (sent := write(descriptor, data)) != size:
                    short.append((descriptor, sent))
            except OSError:  # full, or disconnected: the transport finds out which
                short.append((descriptor, 0))
        for descriptor, sent in short:
            connection = self.connections[self._descriptors.index(descriptor)]
            self.remove(connection)
            if since == self.seq:  # a heartbeat
                connection.write(data[sent:])
            else:  # by `feed`: a whole burst is too much to buffer for each slow client
                connection.seq = since
                connection.feed(self.lane.last(self.seq - since), sent)
            connection.join()
