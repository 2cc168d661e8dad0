"""How many wrong passkeys an address may show, before it has to wait.

A signature cannot be guessed, so nothing is counted by person or by passkey, which would only let
strangers lock somebody out. What is bounded is the work that wrong ones make. Counted in this
process, by address as passwords are.
"""

import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from app.web.crowd import counting
from app.web.knocks import TooManyTries

_WRONG = RateLimitItemPerMinute(20, 5)


class PasskeyLimiter:
    """The wrong passkeys of the last minutes.

    Args:
        trusted: the proxies whose own address is not limited, as `Crowd` takes them.
    """

    def __init__(self, trusted: str) -> None:
        self._storage = MemoryStorage()
        self._limiter = FixedWindowRateLimiter(self._storage)
        self._counted_as = counting(trusted)

    def count(self, address: str | None) -> None:
        """Count a passkey before it is known to be wrong, so that many at once are counted too.

        Args:
            address: from which it comes; None where it has none, which is not limited.

        Raises:
            TooManyTries: there were too many wrong ones.
        """
        who = self._counted_as(address)
        if who is not None and not self._limiter.hit(_WRONG, who):
            reset = self._limiter.get_window_stats(_WRONG, who).reset_time
            raise TooManyTries(max(1, round(reset - time.time())))

    def take_back(self, address: str | None) -> None:
        """The passkey was not a wrong one."""
        if (who := self._counted_as(address)) is not None:
            self._storage.decr(_WRONG.key_for(who))
