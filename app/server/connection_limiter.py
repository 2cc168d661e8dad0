"""Connection limiter: how many plain connections one address may have, and how many there may be.

A plain connection is one that is no stream: streams have limits of their own
(`web/rate_limits/streams.py`), and so have requests that wait for news. Every plain connection
counts twice in all, once for itself and once for the file that its answer may read, so that the
process always has descriptors left.

Beyond a limit the connection that has waited longest for a request is closed, which its client
does not notice or mends by asking again. Only where none waits the new one is refused.
"""

from collections.abc import Callable
from typing import Protocol

from app.web.rate_limits.streams import TokenBuckets

_MOST_LINGERING = 32  # refused connections that may stay until their client has read why


class Connection(Protocol):
    """A plain connection."""

    def make_room(self) -> None:
        """Close: it waits for a request, and somebody else needs its place."""


class ConnectionLimiter:
    """The plain connections of this process.

    Args:
        capacity: descriptors for connections and the files that they read.
        per_address: the most plain connections of one address; half of all at most, so that no
            address can have the places of everybody.
        client_key: what an address is counted as, None for one without a limit.
        buckets: new ones of an address over time.
    """

    def __init__(
        self,
        capacity: int,
        per_address: int,
        client_key: Callable[[str | None], str | None],
        buckets: TokenBuckets,
    ) -> None:
        self._buckets = buckets
        self._most_lingering = max(1, min(_MOST_LINGERING, capacity // 8))
        self._capacity = capacity - self._most_lingering
        self._per_address = min(per_address, max(1, self._capacity // 4))
        self._client_key = client_key
        self._keys: dict[Connection, str | None] = {}
        self._open: dict[str, int] = {}
        # In the order in which they began to wait.
        self._waiting: dict[Connection, None] = {}
        self._waiting_of: dict[str, dict[Connection, None]] = {}
        self._lingering: set[Connection] = set()

    def __len__(self) -> int:
        return len(self._keys)

    def is_in_time(self, address: str | None) -> bool:
        """Whether an address does not open connections too fast; each question counts as one.

        To answer somebody costs more than what they send: who comes a thousand times a second would
        take much of the process by that alone.
        """
        key = self._client_key(address)
        return key is None or self._buckets.allows(key)

    def enter(self, connection: Connection, address: str | None, everything: int) -> bool:
        """A new connection, which waits for its first request.

        Args:
            connection: the new one.
            address: its client's.
            everything: connections of this process, streams and the new one among them.

        Returns:
            Whether it may stay.
        """
        key = self._client_key(address)
        if key is not None and self._open.get(key, 0) >= self._per_address:
            if not self._close_oldest(self._waiting_of.get(key, {})):
                return False
            everything -= 1
        taken = everything - len(self._lingering) + len(self._keys)
        if taken >= self._capacity and not self._close_oldest(self._waiting):
            return False
        self._keys[connection] = key
        if key is not None:
            self._open[key] = self._open.get(key, 0) + 1
        self.wait(connection)
        return True

    def resume(self, connection: Connection, address: str | None) -> None:
        """A connection that had a place elsewhere is a plain one again."""
        if connection not in self._keys:
            self._keys[connection] = key = self._client_key(address)
            if key is not None:
                self._open[key] = self._open.get(key, 0) + 1
        self.wait(connection)

    def may_linger(self, connection: Connection) -> bool:
        """Whether a refused connection may stay until its client has read why."""
        if len(self._lingering) >= self._most_lingering:
            return False
        self._lingering.add(connection)
        return True

    def wait(self, connection: Connection) -> None:
        """A connection waits for its client to ask."""
        self._waiting[connection] = None
        if (key := self._keys[connection]) is not None:
            self._waiting_of.setdefault(key, {})[connection] = None

    def serve(self, connection: Connection) -> None:
        """A connection has a request."""
        if connection not in self._waiting:
            return
        del self._waiting[connection]
        if (key := self._keys[connection]) is not None:
            waiting = self._waiting_of[key]
            del waiting[connection]
            if not waiting:
                del self._waiting_of[key]

    def leave(self, connection: Connection) -> None:
        """A connection is over, or a stream's now; doing it again changes nothing."""
        self._lingering.discard(connection)
        if connection not in self._keys:
            return
        self.serve(connection)
        if (key := self._keys.pop(connection)) is not None:
            self._open[key] -= 1
            if not self._open[key]:
                del self._open[key]

    def _close_oldest(self, waiting: dict[Connection, None]) -> bool:
        if not waiting:
            return False
        oldest = next(iter(waiting))
        self.leave(oldest)
        oldest.make_room()
        return True
