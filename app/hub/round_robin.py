"""A queue of pieces of work, of which one is done in each turn of the event loop.

A broadcast to ten thousand connections takes tens of milliseconds. Between two shards of it every
other request gets its turn, and a shard that is late is sent several events as one piece.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

Piece = TypeVar("Piece", bound=Hashable)


class RoundRobin(Generic[Piece]):
    """The queue.

    Args:
        act: does one piece of work.
    """

    def __init__(self, act: Callable[[Piece], None]) -> None:
        self._act = act
        self._due: deque[Piece] = deque()
        self._queued: set[Piece] = set()

    def __len__(self) -> int:
        return len(self._due)

    def add(self, pieces: Iterable[Piece]) -> None:
        """Queue pieces; one that is queued already is done once."""
        fresh = [piece for piece in pieces if piece not in self._queued]
        if fresh and not self._due:
            asyncio.get_running_loop().call_soon(self._turn)
        self._due.extend(fresh)
        self._queued.update(fresh)

    def _turn(self) -> None:
        piece = self._due.popleft()
        self._queued.discard(piece)
        if self._due:  # scheduled first: if this piece fails, the others are still done
            asyncio.get_running_loop().call_soon(self._turn)
        self._act(piece)
