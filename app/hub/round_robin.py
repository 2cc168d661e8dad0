"""Round robin: a queue of work items, one of which runs in each turn of the event loop.

A broadcast to ten thousand connections takes tens of milliseconds. Between two of its shards other
requests run, and a shard that is late gets several events in one write.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

Piece = TypeVar("Piece", bound=Hashable)


class RoundRobin(Generic[Piece]):
    """A queue of work items without duplicates.

    Args:
        act: processes one item.
    """

    def __init__(self, act: Callable[[Piece], None]) -> None:
        self._act = act
        self._due: deque[Piece] = deque()
        self._queued: set[Piece] = set()

    def __len__(self) -> int:
        return len(self._due)

    def add(self, pieces: Iterable[Piece]) -> None:
        """Queue items; an item that is already queued is not queued again."""
        fresh = [piece for piece in pieces if piece not in self._queued]
        if fresh and not self._due:
            asyncio.get_running_loop().call_soon(self._turn)
        self._due.extend(fresh)
        self._queued.update(fresh)

    def _turn(self) -> None:
        piece = self._due.popleft()
        self._queued.discard(piece)
        if self._due:  # scheduled first: if this item fails, the others still run
            asyncio.get_running_loop().call_soon(self._turn)
        self._act(piece)
