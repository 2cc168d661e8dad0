"""Write limiter: bounds a caller's requests per minute, above what a newsroom's tools need."""

import math

from app.web.rate_limits.fixed_window import FixedWindow
from app.web.rate_limits.too_many_requests import TooManyRequests


class WriteLimiter:
    """Counts the newsroom's requests by caller, in this process.

    Args:
        per_minute: the most requests of one caller in a minute.
    """

    def __init__(self, per_minute: int) -> None:
        self._requests = FixedWindow(per_minute, 60)

    def check(self, caller: str) -> None:
        """Count a request.

        Raises:
            TooManyRequests: the caller has used up the requests of this minute.
        """
        if wait := self._requests.wait(caller):
            raise TooManyRequests(math.ceil(wait))
        self._requests.use(caller, 1)
