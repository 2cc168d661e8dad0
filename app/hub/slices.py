"""Time slicing: long work of the loop, done a little at a time between what cannot wait.

Theory of operation. Work comes as a list of small steps. A slice is as many of them as fit into
2 ms; then everything else that is ready runs. One slice runs at a time in a process, and those who
have work take turns, so that ten replays delay an entry on its way by one slice and not by ten.
Together they may take a quarter of the loop's time for long; a short burst, such as a page, is not
slowed down.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable
from time import monotonic, thread_time
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_SLICE = 0.002  # seconds
_SHARE = 0.25  # of the loop's time, for long
_BURST = 0.1  # seconds that may be taken at once


class TimeSlices:
    """The long work of one process.

    Args:
        clock: seconds that only grow.
        spent: seconds of a processor that this thread has taken, so that a busy machine is not
            taken for long work.
    """

    def __init__(
        self,
        clock: Callable[[], float] = monotonic,
        spent: Callable[[], float] = thread_time,
    ) -> None:
        self._clock = clock
        self._spent = spent
        self._turn = asyncio.Lock()
        self._left = _BURST  # seconds that may be taken without a pause
        self._at = clock()

    async def map(
        self, step: Callable[[Item], Result], items: Collection[Item], *, few: int = 0
    ) -> list[Result]:
        """Take a step for each item, in order. Not to be called in a transaction.

        Args:
            step: a little work, a millisecond at most.
            items: what is to be worked on.
            few: so many items are worked on at once, without a turn.
        """
        if len(items) <= few:
            return [step(item) for item in items]
        results: list[Result] = []
        rest = iter(items)
        while True:
            async with self._turn:
                began = self._spent()
                is_over = _work(step, rest, results, until=began + _SLICE, spent=self._spent)
                pause = self._pause(self._spent() - began)
                if pause or not is_over:
                    await asyncio.sleep(pause)
            if is_over:
                return results

    async def run(self, work: Callable[[], Result]) -> Result:
        """Do work that cannot be divided, when it is its turn."""
        (result,) = await self.map(lambda _: work(), (None,))
        return result

    def _pause(self, taken: float) -> float:
        """How long to pause after a slice that has taken so many seconds."""
        now = self._clock()
        flowed = (now - self._at) * _SHARE
        self._left = min(_BURST, self._left + flowed) - taken
        self._at = now
        return max(0.0, -self._left / _SHARE)


def _work(
    step: Callable[[Item], Result],
    rest: Iterable[Item],
    results: list[Result],
    *,
    until: float,
    spent: Callable[[], float],
) -> bool:
    """Work until it is time; gives whether all is done."""
    for item in rest:
        results.append(step(item))
        if spent() >= until:
            return False
    return True
