"""Work that is due, one piece in a turn of the loop.

A broadcast to ten thousand takes tens of milliseconds. Between two shards of them every other
request has its turn, and a shard that is late gets several events as one piece.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

Piece = TypeVar("Piece", bound=Hashable)


class Turns(Generic[Piece]):
    """The queue of pieces.

    Args:
        act: does one.
    """

    def __init__(self, act: Callable[[Piece], None]) -> None:
        self._act = act
        self._due: deque[Piece] = deque()
        self._queued: set[Piece] = set()

    def add(self, pieces: Iterable[Piece]) -> None:
        """Have these done soon; those that wait already are done once."""
        fresh = [piece for piece in pieces if piece not in self._queued]
        if fresh and not self._due:
            asyncio.get_running_loop().call_soon(self._turn)
        self._due.extend(fresh)
        self._queued.update(fresh)

    def _turn(self) -> None:
        piece = self._due.popleft()
        self._queued.discard(piece)
        if self._due:  # before the deed: should that fail, the others are not forgotten
            asyncio.get_running_loop().call_soon(self._turn)
        self._act(piece)
