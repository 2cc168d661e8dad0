"""Expiry index: connections by the time at which their lifetime ends, without a timer for each."""

import itertools
from collections.abc import Iterator

from app.hub.connection import Connection


class ExpiryIndex:
    """Connections by the second in which they expire."""

    def __init__(self) -> None:
        self._seconds: dict[int, set[Connection]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._seconds.values()))

    def add(self, connection: Connection) -> None:
        """Add a connection whose `expires` is set."""
        self._seconds.setdefault(connection.expires, set()).add(connection)

    def discard(self, connection: Connection) -> None:
        """Remove a connection, if it is in the index."""
        if second := self._seconds.get(connection.expires):
            second.discard(connection)
            if not second:
                del self._seconds[connection.expires]

    def expired(self, now: float) -> list[Connection]:
        """The connections that have expired at `now`, a time of the clock."""
        return [c for second, some in self._seconds.items() if second <= now for c in some]

    def __iter__(self) -> Iterator[Connection]:
        """Iterate over all connections."""
        return itertools.chain.from_iterable(self._seconds.values())
