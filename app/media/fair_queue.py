"""Fair queue: one job runs at a time, each caller has a queue, and callers are served in turn.

A caller that sends many jobs therefore delays any other by one job at most. The queue of a caller
is bounded, and so is the sum of all queues.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class QueueFull(Exception):
    """The queue of the caller, or all queues together, are full."""


class FairQueue:
    """Serialises jobs, round robin by caller.

    Args:
        per_caller: the most jobs of one caller that may wait.
        most: the most jobs of all callers that may wait.
    """

    def __init__(self, per_caller: int, most: int) -> None:
        self._per_caller = per_caller
        self._most = most
        self._queues: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self._is_busy = False

    @property
    def is_busy(self) -> bool:
        """Whether a job is running."""
        return self._is_busy

    @asynccontextmanager
    async def turn(self, caller: str) -> AsyncIterator[None]:
        """Hold the turn for the length of a block, after the jobs that are ahead in the queue.

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
            if not turn.cancelled():  # the turn was granted, but its waiter was cancelled
                self._pass_on()
            # `_pass_on` may have removed it already.
            elif (queue := self._queues.get(caller, deque())) and turn in queue:
                queue.remove(turn)
                if not queue:
                    del self._queues[caller]
            raise

    def _pass_on(self) -> None:
        """Give the turn to the next caller; its remaining jobs go behind those of all others."""
        while self._queues:
            caller, queue = self._queues.popitem(last=False)
            turn = queue.popleft()
            if queue:
                self._queues[caller] = queue
            if not turn.done():
                turn.set_result(None)
                return
        self._is_busy = False
