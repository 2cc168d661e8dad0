"""Fair scheduling of requests: in each pass of the event loop one step of each flow.

Theory of operation. The loop runs whatever is ready, in order, and then looks for what has become
ready: a pass. A coroutine's step, from one wait to the next, takes a millisecond or so. Of a
hundred requests that one client sends at once, a hundred steps would stand in every pass; a request
that needs twenty passes would wait for two thousand of them. So the steps of one flow of requests
wait for each other: what a flow adds to a pass is one step, however many requests it has.

The flow of those whom nobody knows also has a share of the loop's time, step by step: a request of
somebody else that is under way meanwhile loses no more than that to them.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from time import monotonic

_BURST = 0.1  # seconds that a paced flow may take at once


class FairSteps:
    """The steps that wait for a later pass, by their flow."""

    def __init__(self) -> None:
        # A flow that has had its step in this pass has a place here.
        self._flows: dict[Hashable, deque[asyncio.Future[None]]] = {}

    def wait(self, flow: Hashable) -> asyncio.Future[None] | None:
        """Ask for the next step of a flow.

        Args:
            flow: whatever tells the flow from the others.

        Returns:
            What ends when the step may be taken, which it must be at once; None for now.
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
            if not turn.done():  # else its request was given up
                turn.set_result(None)
                asyncio.get_running_loop().call_soon(self._pass, flow)
                return
        del self._flows[flow]


class PacedSteps:
    """The steps of one flow, which has a share of the loop's time; its callers take turns.

    Args:
        share: of the loop's time, for long.
        clock: seconds that only grow.
    """

    def __init__(self, share: float, clock: Callable[[], float] = monotonic) -> None:
        self._share = share
        self._clock = clock
        self._left = _BURST  # seconds that may be taken without a pause
        self._at = clock()
        self._is_due = False  # whether the next pass of this flow is planned
        self._waiting: OrderedDict[Hashable, deque[asyncio.Future[None]]] = OrderedDict()

    def wait(self, caller: Hashable) -> asyncio.Future[None] | None:
        """Ask for the next step of a caller.

        Args:
            caller: who takes turns with the others.

        Returns:
            What ends when the step may be taken, which it must be at once; None for now.
        """
        pause = self._pause()
        if not self._is_due and not pause:
            self._plan(0)
            return None
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(caller, deque()).append(turn)
        if not self._is_due:
            self._plan(pause)
        return turn

    def spend(self, seconds: float) -> None:
        """Say how long a step has held the loop."""
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
        while self._waiting:
            caller, turns = self._waiting.popitem(last=False)
            turn = turns.popleft()
            if turns:
                self._waiting[caller] = turns
            if not turn.done():  # else its request was given up
                turn.set_result(None)
                self._plan(0)
                return
