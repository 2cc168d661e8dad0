"""Rate limiting by a fixed window, without a thread or a timer: for what is asked of every request.

The library that counts sign-ins (`limits`) starts a timer thread with its counts, too much here.
"""

import time
from collections.abc import Callable


class FixedWindow:
    """What each client has used in its window, which begins with the first use.

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
        # When the window ends, and what was used in it; the one that ends first comes first.
        self._windows: dict[str, tuple[float, float]] = {}

    def __len__(self) -> int:
        return len(self._windows)

    def use(self, client: str, amount: float) -> None:
        """Count what a client has used."""
        now = self._forget_ended()
        ends, used = self._windows.get(client, (now + self._seconds, 0.0))
        self._windows[client] = (ends, used + amount)

    def wait(self, client: str) -> float:
        """Seconds until a client may use some again; 0 for now."""
        now = self._forget_ended()
        ends, used = self._windows.get(client, (now, 0.0))
        return ends - now if used >= self._most else 0.0

    def _forget_ended(self) -> float:
        now = self._clock()
        while self._windows and self._windows[first := next(iter(self._windows))][0] <= now:
            del self._windows[first]
        return now
