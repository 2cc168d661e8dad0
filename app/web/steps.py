"""Fair scheduling of requests: in each pass of the event loop one step of each flow.

Theory of operation. The loop runs whatever is ready, in order, and then looks for what has become
ready: a pass. A coroutine's step, from one wait to the next, takes a millisecond or so. Of a
hundred requests that one client sends at once, a hundred steps would stand in every pass; a request
that needs twenty passes would wait for two thousand of them. So the steps of one flow of requests
wait for each other: what a flow adds to a pass is one step, however many requests it has.
"""

import asyncio
from collections import deque
from collections.abc import Hashable


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
