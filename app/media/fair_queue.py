"""A queue for what one can do at a time: each caller has a queue, and the callers take turns.

So whoever sends many jobs holds up nobody else for longer than one of them takes. A caller's queue
has an end, and so have all of them together.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class QueueFull(Exception):
    """One job more than may wait."""


class FairQueue:
    """Turns, one at a time, round robin by caller.

    Args:
        per_caller: jobs of one caller that may wait.
        most: jobs of all of them.
    """

    def __init__(self, per_caller: int, most: int) -> None:
        self._per_caller = per_caller
        self._most = most
        self._queues: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self._is_busy = False

    @property
    def is_busy(self) -> bool:
        """Whether somebody has the turn."""
        return self._is_busy

    @asynccontextmanager
    async def turn(self, caller: str) -> AsyncIterator[None]:
        """Have the turn for the length of a block, after those that come before.

        Raises:
            QueueFull: too many jobs wait, of this caller or of all.
        """
        if self._is_busy:
            await self._wait(caller)
        self._is_busy = True
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, caller: str) -> None:
        queue = self._queues.setdefault(caller, deque())
        if len(queue) >= self._per_caller or sum(map(len, self._queues.values())) >= self._most:
            if not queue:
                del self._queues[caller]
            raise QueueFull
        turn = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._give_up(caller, turn)
            else:  # the turn has come, and nobody takes it
                self._pass_on()
            raise

    def _give_up(self, caller: str, turn: asyncio.Future[None]) -> None:
        if (queue := self._queues.get(caller)) is not None and turn in queue:
            queue.remove(turn)
            if not queue:
                del self._queues[caller]

    def _pass_on(self) -> None:
        """Give the turn to the next caller, who stands behind all others with what is left."""
        while self._queues:
            caller, queue = self._queues.popitem(last=False)
            turn = queue.popleft()
            if queue:
                self._queues[caller] = queue
            if not turn.done():
                turn.set_result(None)
                return
        self._is_busy = False
