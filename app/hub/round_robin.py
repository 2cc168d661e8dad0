"""Round robin: a queue of work items, one of which runs in each turn of the event loop.

A broadcast to ten thousand connections takes tens of milliseconds. Between two of its shards other
requests run, and a shard that is late gets several events in one write.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

Item = TypeVar("Item", bound=Hashable)


class RoundRobin(Generic[Item]):
    """A queue of work items without duplicates.

    Args:
        process: processes one item.
    """

    def __init__(self, process: Callable[[Item], None]) -> None:
        self._process = process
        self._due: deque[Item] = deque()
        self._queued: set[Item] = set()

    def __len__(self) -> int:
        return len(self._due)

    def add(self, items: Iterable[Item]) -> None:
        """Queue items; an item that is already queued is not queued again."""
        new_items = [item for item in items if item not in self._queued]
        if new_items and not self._due:
            asyncio.get_running_loop().call_soon(self._turn)
        self._due.extend(new_items)
        self._queued.update(new_items)

    def _turn(self) -> None:
        item = self._due.popleft()
        self._queued.discard(item)
        if self._due:  # scheduled first: if this item fails, the others still run
            asyncio.get_running_loop().call_soon(self._turn)
        self._process(item)
