"""How often somebody may try to sign in: who mistypes never meets it, who guesses does.

Wrong tries are counted in this process, by address and e-mail together, by address alone (so that
trying many e-mails is bounded too) and by e-mail alone (many addresses that guess at one person).
A browser with which that person has signed in before, or is signed in, has a count of its own and
none of these, so that nobody who guesses locks the right person out. Refused tries are not counted:
after five minutes at most anybody may try again.
"""

import time

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from app.access.people import normalise_email
from app.web.crowd import counting
from app.web.problems import TooManyRequests

_MINUTES = 5
_PAIR = RateLimitItemPerMinute(5, _MINUTES)
_ADDRESS = RateLimitItemPerMinute(20, _MINUTES)
_EMAIL = RateLimitItemPerMinute(50, _MINUTES)
_LONGEST = 254  # characters of an e-mail

Counter = tuple[RateLimitItem, tuple[str, ...]]


class TooManyTries(TooManyRequests):
    """Too many wrong passwords: wait for as long as `Retry-After` says."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        minutes = -(-seconds // 60)
        wait = f"{minutes} minutes" if minutes > 1 else "a minute"
        self.args = (f"Too many wrong tries. Wait {wait}, and try again.",)


class Knocks:
    """The tries to sign in of the last minutes.

    Args:
        trusted: the proxies whose own address is not limited, as `Crowd` takes them.
    """

    def __init__(self, trusted: str) -> None:
        self._storage = MemoryStorage()
        self._limiter = FixedWindowRateLimiter(self._storage)
        self._counted_as = counting(trusted)

    def knock(self, address: str | None, email: str, own: str | None = None) -> None:
        """Count a try before it is known to be wrong, so that many at once are counted too.

        Args:
            address: from which it comes; None where it has none.
            email: whose password is tried.
            own: the name of a browser that is known as this person's; None for any other.

        Raises:
            TooManyTries: there were too many wrong ones.
        """
        counters = self._counters(address, email, own)
        for limit, names in counters:
            if not self._limiter.test(limit, *names):
                reset = self._limiter.get_window_stats(limit, *names).reset_time
                raise TooManyTries(max(1, round(reset - time.time())))
        for limit, names in counters:
            self._limiter.hit(limit, *names)

    def take_back(self, address: str | None, email: str, own: str | None = None) -> None:
        """The try was not a wrong one."""
        for limit, names in self._counters(address, email, own):
            self._storage.decr(limit.key_for(*names))

    def forgive(self, address: str | None, email: str, own: str | None = None) -> None:
        """The try was right: those before it, from there, were slips."""
        self.take_back(address, email, own)
        limit, names = self._counters(address, email, own)[0]
        self._limiter.clear(limit, *names)

    def _counters(self, address: str | None, email: str, own: str | None) -> list[Counter]:
        if own is not None:
            return [(_PAIR, ("browser", own))]
        who, whose = self._counted_as(address), normalise_email(email)[:_LONGEST]
        counters: list[Counter] = [(_PAIR, ("pair", who or "", whose)), (_EMAIL, ("email", whose))]
        return counters if who is None else [*counters, (_ADDRESS, ("address", who))]
