"""Fair scheduling: each flow of requests runs one step in each pass of the event loop.

Theory of operation. In one pass the loop runs all callbacks that are ready, in order, and then
polls for new ones. A step of a coroutine, from one await to the next, takes about a millisecond. If
one client sends a hundred requests at once, every pass would contain a hundred of their steps, and
another request that needs twenty passes would wait for two thousand steps. So the steps of one flow
wait for each other: a flow adds one step to a pass, however many requests it has.

The flow of all anonymous clients is also limited to a share of the loop's time, step by step, so
another client's request loses no more than that share to them.

To open a stream takes one step of a tenth of a millisecond. When a process restarts, thousands of
readers return, and a pass of the loop for each would cost more than the step. So a few of them run
in each pass, about as long as one step of another request, and without a share.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from time import monotonic

_BURST = 0.1  # seconds of loop time that a paced flow may take at once


class FairSteps:
    """The steps that wait for a later pass, by flow."""

    def __init__(self) -> None:
        # A flow is in this table if it has run its step in this pass.
        self._flows: dict[Hashable, deque[asyncio.Future[None]]] = {}

    def wait(self, flow: Hashable) -> asyncio.Future[None] | None:
        """Request the next step of a flow.

        Args:
            flow: identifies the flow.

        Returns:
            A future that resolves when the step may run, which it then must do at once; None if it
            may run now.
        """
        loop = asyncio.get_running_loop()
        waiting = self._flows.get(flow)
        if waiting is None:
            self._flows[flow] = deque()
            loop.call_soon(self._pass, flow)
            return None
        turn = loop.create_future()
        waiting.append(turn)
        return turn

    def _pass(self, flow: Hashable) -> None:
        waiting = self._flows[flow]
        while waiting:
            turn = waiting.popleft()
            if not turn.done():  # otherwise its request was cancelled
                turn.set_result(None)
                asyncio.get_running_loop().call_soon(self._pass, flow)
                return
        del self._flows[flow]


class _Turns:
    """The steps that wait, by caller; callers take turns."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[Hashable, deque[asyncio.Future[None]]] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, caller: Hashable) -> asyncio.Future[None]:
        """Return a future that resolves when the caller's step may run."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(caller, deque()).append(turn)
        return turn

    def resolve_next(self) -> bool:
        """Let the next step run; return whether there was one."""
        while self._waiting:
            caller, turns = self._waiting.popitem(last=False)
            turn = turns.popleft()
            if turns:
                self._waiting[caller] = turns
            if not turn.done():  # otherwise its request was cancelled
                turn.set_result(None)
                return True
        return False


class ShortSteps:
    """Steps of which a few run in each pass of the loop; their callers take turns.

    Args:
        most: the number of steps in a pass.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._left = most  # steps that may still run in this pass
        self._waiting = _Turns()

    def wait(self, caller: Hashable) -> asyncio.Future[None] | None:
        """Request a step, as `PacedSteps.wait` does."""
        if self._left == self._most:
            asyncio.get_running_loop().call_soon(self._pass)
        if not self._left or self._waiting:
            return self._waiting.add(caller)
        self._left -= 1
        return None

    def _pass(self) -> None:
        self._left = self._most
        while self._left and self._waiting.resolve_next():
            self._left -= 1
        if self._left < self._most:
            asyncio.get_running_loop().call_soon(self._pass)


class PacedSteps:
    """The steps of one flow with a share of the loop's time; its callers take turns.

    Args:
        share: the sustained share of the loop's time, 0 to 1.
        clock: a monotonic clock in seconds.
    """

    def __init__(self, share: float, clock: Callable[[], float] = monotonic) -> None:
        self._share = share
        self._clock = clock
        self._left = _BURST  # seconds of loop time left without a pause
        self._at = clock()
        self._is_due = False  # whether the next pass of this flow is scheduled
        self._waiting = _Turns()

    def wait(self, caller: Hashable) -> asyncio.Future[None] | None:
        """Request the next step of a caller.

        Args:
            caller: identifies the caller, who takes turns with the others.

        Returns:
            A future that resolves when the step may run, which it then must do at once; None if it
            may run now.
        """
        pause = self._pause()
        if not self._is_due and not pause:
            self._plan(0)
            return None
        turn = self._waiting.add(caller)
        if not self._is_due:
            self._plan(pause)
        return turn

    def spend(self, seconds: float) -> None:
        """Record how long a step has held the loop, in seconds."""
        self._left -= seconds

    def _pause(self) -> float:
        now = self._clock()
        self._left = min(_BURST, self._left + (now - self._at) * self._share)
        self._at = now
        return max(0.0, -self._left / self._share)

    def _plan(self, pause: float) -> None:
        self._is_due = True
        loop = asyncio.get_running_loop()
        if pause:
            loop.call_later(pause, self._pass)
        else:
            loop.call_soon(self._pass)

    def _pass(self) -> None:
        self._is_due = False
        if pause := self._pause():
            self._plan(pause)
            return
        if self._waiting.resolve_next():
            self._plan(0)
