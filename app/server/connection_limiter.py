"""Connection limiter: bounds the plain connections of one address and of the whole process.

A plain connection is one that carries no stream. Streams have limits of their own
(`web/rate_limits/streams.py`), and so have long-polls while they wait. Every plain connection
counts twice towards the total, once for itself and once for the file that its answer may read, so
that the process never runs out of file descriptors.

Beyond a limit the connection that has been idle for longest is closed. Its client does not notice,
or repeats its request. The limiter refuses the new connection only if no connection is idle.
"""

from collections.abc import Callable
from typing import Protocol

from app.web.rate_limits.streams import TokenBuckets

_MOST_LINGERING = 32  # refused connections that may stay open until the answer is read


class Connection(Protocol):
    """A plain connection, as the limiter sees it."""

    def evict(self) -> None:
        """Close this idle connection, because another one needs its place."""


class ConnectionLimiter:
    """The plain connections of this process.

    Args:
        capacity: file descriptors for connections and the files that they read.
        per_address: the most plain connections of one address; capped at half of all, so that no
            address can take every place.
        client_key: maps an address to the key that it is counted under, None for no limit.
        buckets: limit the rate of new connections by address.
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
        # Idle connections, in the order in which they became idle.
        self._waiting: dict[Connection, None] = {}
        self._waiting_of: dict[str, dict[Connection, None]] = {}
        self._lingering: set[Connection] = set()

    def __len__(self) -> int:
        return len(self._keys)

    def is_in_time(self, address: str | None) -> bool:
        """Return whether an address stays within its rate of new connections; takes one token.

        An answer costs the server more than a request costs its client, so a client that connects a
        thousand times a second would take much of the process by that alone.
        """
        key = self._client_key(address)
        return key is None or self._buckets.allows(key)

    def enter(self, connection: Connection, address: str | None, everything: int) -> bool:
        """Admit a new connection, which is idle until its first request.

        Args:
            connection: the new connection.
            address: its client's address; None if unknown.
            everything: connections of this process, including streams and the new one.

        Returns:
            Whether the connection may stay open.
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
        """Count a connection as plain and idle, also one that was counted elsewhere meanwhile."""
        if connection not in self._keys:
            self._keys[connection] = key = self._client_key(address)
            if key is not None:
                self._open[key] = self._open.get(key, 0) + 1
        self.wait(connection)

    def may_linger(self, connection: Connection) -> bool:
        """Return whether a refused connection may stay open for its client to read the answer."""
        if len(self._lingering) >= self._most_lingering:
            return False
        self._lingering.add(connection)
        return True

    def wait(self, connection: Connection) -> None:
        """Mark a connection as idle: it waits for a request."""
        self._waiting[connection] = None
        if (key := self._keys[connection]) is not None:
            self._waiting_of.setdefault(key, {})[connection] = None

    def serve(self, connection: Connection) -> None:
        """Mark a connection as busy: it has a request."""
        if connection not in self._waiting:
            return
        del self._waiting[connection]
        if (key := self._keys[connection]) is not None:
            waiting = self._waiting_of[key]
            del waiting[connection]
            if not waiting:
                del self._waiting_of[key]

    def leave(self, connection: Connection) -> None:
        """Stop counting a connection that has closed or become a stream; idempotent."""
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
        oldest.evict()
        return True
