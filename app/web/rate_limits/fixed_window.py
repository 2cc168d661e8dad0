"""Fixed-window rate limit without threads or timers, for checks on every request.

The library that counts sign-ins (`limits`) starts a timer thread for its counters, too costly here.
"""

import time
from collections.abc import Callable


class FixedWindow:
    """Counts what each client has used in its window, which begins with the first use.

    Args:
        most: the most that a client may use in a window, in the caller's unit.
        seconds: the length of a window.
        clock: a monotonic clock in seconds.
    """

    def __init__(
        self, most: float, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        # By client: the end of the window, and the amount used in it; ordered by the end.
        self._windows: dict[str, tuple[float, float]] = {}

    def __len__(self) -> int:
        return len(self._windows)

    def use(self, client: str, amount: float) -> None:
        """Add to the amount that a client has used."""
        now = self._forget_ended()
        ends, used = self._windows.get(client, (now + self._seconds, 0.0))
        self._windows[client] = (ends, used + amount)

    def wait(self, client: str) -> float:
        """Return the seconds until a client may use more; 0 if it may now."""
        now = self._forget_ended()
        ends, used = self._windows.get(client, (now, 0.0))
        return ends - now if used >= self._most else 0.0

    def _forget_ended(self) -> float:
        now = self._clock()
        while self._windows and self._windows[first := next(iter(self._windows))][0] <= now:
            del self._windows[first]
        return now
