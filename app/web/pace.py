"""How fast one caller may write: a limit that a newsroom's own tools never meet."""

import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from app.web.problems import TooManyRequests


class Pace:
    """Counts requests by caller, in this process.

    Args:
        per_minute: the most requests of one caller in a minute.
    """

    def __init__(self, per_minute: int) -> None:
        self._limit = RateLimitItemPerMinute(per_minute)
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def check(self, caller: str) -> None:
        """Count a request.

        Raises:
            TooManyRequests: the caller has used up this minute.
        """
        if not self._limiter.hit(self._limit, caller):
            reset = self._limiter.get_window_stats(self._limit, caller).reset_time
            raise TooManyRequests(max(1, round(reset - time.time())))
