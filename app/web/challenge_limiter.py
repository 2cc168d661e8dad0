"""How many challenges for passkeys an address may ask for, before anybody has said who they are.

A page for signing in asks for one when it is opened, and every four minutes while it is looked at.
Counted in this process, by address as sign-ins are.
"""

import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from app.web.crowd import counting
from app.web.problems import TooManyRequests

_CHALLENGES = RateLimitItemPerMinute(100, 5)


class ChallengeLimiter:
    """The challenges of the last minutes.

    Args:
        trusted: the proxies whose own address is not limited, as `Crowd` takes them.
    """

    def __init__(self, trusted: str) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._counted_as = counting(trusted)

    def check(self, address: str | None) -> None:
        """Count a challenge.

        Args:
            address: for which it is made; None where it has none.

        Raises:
            TooManyRequests: it has had a hundred within five minutes.
        """
        who = self._counted_as(address)
        if who is not None and not self._limiter.hit(_CHALLENGES, who):
            reset = self._limiter.get_window_stats(_CHALLENGES, who).reset_time
            raise TooManyRequests(max(1, round(reset - time.time())))
