"""Time slices: long work on the event loop, done in small parts between urgent work.

Theory of operation. Work comes as a list of small steps. A slice is as many of them as fit into
2 ms; then everything else that is ready runs. One slice runs at a time in a process, and its users
take turns, so that ten replays delay the delivery of an entry by one slice and not by ten. Over a
longer time they may together take a quarter of the loop's time; a short burst, such as a page, is
not slowed down.
"""

import asyncio
from collections.abc import Callable, Collection
from time import monotonic, thread_time
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_SLICE = 0.002  # seconds
_SHARE = 0.25  # of the loop's time, in the long run
_BURST = 0.1  # seconds of work without a pause


class TimeSlices:
    """The scheduler of a process's long work.

    Args:
        clock: a monotonic clock, in seconds.
        cpu_time: CPU seconds of this thread, so that the time in which a busy machine runs
            something else does not count as work.
    """

    def __init__(
        self,
        clock: Callable[[], float] = monotonic,
        cpu_time: Callable[[], float] = thread_time,
    ) -> None:
        self._clock = clock
        self._cpu_time = cpu_time
        self._turn = asyncio.Lock()
        self._budget = _BURST  # seconds of work that need no pause yet
        self._budget_at = clock()

    async def map(
        self, step: Callable[[Item], Result], items: Collection[Item], *, at_once: int = 0
    ) -> list[Result]:
        """Apply a step to each item, in order. It must not be called in a transaction.

        Args:
            step: a small piece of work, a millisecond at most.
            items: the items of the work.
            at_once: up to this number, items are processed at once, without waiting for a slice.

        Returns:
            The steps' results, in the order of the items.
        """
        if len(items) <= at_once:
            return [step(item) for item in items]
        results: list[Result] = []
        rest, cpu_time = iter(items), self._cpu_time
        while True:
            async with self._turn:
                began = cpu_time()
                until, is_over = began + _SLICE, True
                for item in rest:
                    results.append(step(item))
                    if cpu_time() >= until:
                        is_over = False
                        break
                pause = self._pause(cpu_time() - began)
                if pause or not is_over:
                    await asyncio.sleep(pause)
            if is_over:
                return results

    async def run(self, work: Callable[[], Result]) -> Result:
        """Run work that cannot be divided as one slice, when its turn comes."""
        (result,) = await self.map(lambda _: work(), (None,))
        return result

    def _pause(self, used: float) -> float:
        """Return the seconds to pause after a slice that has used `used` seconds of CPU time."""
        now = self._clock()
        refill = (now - self._budget_at) * _SHARE
        self._budget = min(_BURST, self._budget + refill) - used
        self._budget_at = now
        return max(0.0, -self._budget / _SHARE)
