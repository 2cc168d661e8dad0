"""Rate limiting by a fixed window, without a thread or a timer: for what is asked of every request.

A library's counts end one by one, by a timer of the operating system each time.
"""

import time
from collections.abc import Callable


class FixedWindow:
    """What each client has used in the window under way, which ends for all of them at once.

    Args:
        most: that a client may use in a window.
        seconds: how long one is.
        clock: seconds that only grow.
    """

    def __init__(
        self, most: float, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._ends = clock()
        self._used: dict[str, float] = {}

    def use(self, client: str, amount: float) -> None:
        """Count what a client has used."""
        self._turn()
        self._used[client] = self._used.get(client, 0.0) + amount

    def wait(self, client: str) -> float:
        """Seconds until a client may use some again; 0 for now."""
        now = self._turn()
        return 0.0 if self._used.get(client, 0.0) < self._most else self._ends - now

    def _turn(self) -> float:
        now = self._clock()
        if now >= self._ends:
            self._used.clear()
            self._ends = now + self._seconds
        return now
