"""Shards that are due, written one in a turn of the loop.

A broadcast to ten thousand takes tens of milliseconds. Between two shards every other request has
its turn, and a shard that is late gets several events as one piece.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable

from app.hub.shard import Shard


class Turns:
    """The queue of shards.

    Args:
        flush: writes one.
    """

    def __init__(self, flush: Callable[[Shard], None]) -> None:
        self._flush = flush
        self._due: deque[Shard] = deque()
        self._queued: set[Shard] = set()

    def add(self, shards: Iterable[Shard]) -> None:
        """Have these written soon; those that wait already are written once."""
        fresh = [shard for shard in shards if shard.connections and shard not in self._queued]
        if fresh and not self._due:
            asyncio.get_running_loop().call_soon(self._turn)
        self._due.extend(fresh)
        self._queued.update(fresh)

    def _turn(self) -> None:
        shard = self._due.popleft()
        self._queued.discard(shard)
        if self._due:  # before the writing: should that fail, the others are not forgotten
            asyncio.get_running_loop().call_soon(self._turn)
        self._flush(shard)
