"""How often somebody may try to sign in: who mistypes never meets it, who guesses does.

Wrong tries are counted in this process, by address and e-mail together, by address alone (so that
trying many e-mails is bounded too) and by e-mail alone (many addresses that guess at one person).
A browser with which that person has signed in before, or is signed in, has a count of its own and
none of these, so that nobody who guesses locks the right person out. Who comes back in vain from
the identity provider, or with a wrong passkey, is counted by address. Refused tries are not
counted: after five minutes at most anybody may try again.
"""

import time
from collections.abc import Sequence

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from app.access.people import normalise_email
from app.web.problems import TooManyRequests
from app.web.rate_limits.streams import client_key_by

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


class SignInLimiter:
    """The tries to sign in of the last minutes.

    Args:
        trusted: the proxies whose own address is not limited, as `StreamLimiter` takes them.
    """

    def __init__(self, trusted: str) -> None:
        self._storage = MemoryStorage()
        self._limiter = FixedWindowRateLimiter(self._storage)
        self._counted_as = client_key_by(trusted)

    def by_password(self, address: str | None, email: str, own: str | None = None) -> "Try":
        """A try of a password.

        Args:
            address: from which it comes; None where it has none.
            email: whose password is tried.
            own: the name of a browser that is known as this person's; None for any other.
        """
        if own is not None:
            return Try(self._limiter, self._storage, [(_PAIR, ("browser", own))])
        who, whose = self._counted_as(address), normalise_email(email)[:_LONGEST]
        counters: list[Counter] = [(_PAIR, ("pair", who or "", whose)), (_EMAIL, ("email", whose))]
        if who is not None:
            counters.append((_ADDRESS, ("address", who)))
        return Try(self._limiter, self._storage, counters)

    def by_provider(self, address: str | None, own: str | None = None) -> "Try":
        """A return from the identity provider.

        Args:
            address: from which it comes; None where it has none, which is not limited.
            own: the name of a browser that somebody has signed in with before; None for any other.
        """
        who = self._counted_as(address) if own is None else own
        counters = [(_ADDRESS, ("provider", who))] if who is not None else []
        return Try(self._limiter, self._storage, counters)

    def by_passkey(self, address: str | None) -> "Try":
        """A signature of a passkey.

        It cannot be guessed, so nothing is counted by person, which would only let strangers lock
        somebody out. What is bounded is the work that wrong ones make.

        Args:
            address: from which it comes; None where it has none, which is not limited.
        """
        who = self._counted_as(address)
        counters = [(_ADDRESS, ("passkey", who))] if who is not None else []
        return Try(self._limiter, self._storage, counters)


class Try:
    """One try, before it is known whether it is right.

    Args:
        limiter: of the counters.
        storage: where it counts.
        counters: of this try; the first is forgiven by a right one.
    """

    def __init__(
        self, limiter: FixedWindowRateLimiter, storage: MemoryStorage, counters: Sequence[Counter]
    ) -> None:
        self._limiter = limiter
        self._storage = storage
        self._counters = counters

    def count(self) -> None:
        """Count it as a wrong one already, so that many at once are counted too.

        Raises:
            TooManyTries: there were too many wrong ones.
        """
        for limit, names in self._counters:
            if not self._limiter.test(limit, *names):
                reset = self._limiter.get_window_stats(limit, *names).reset_time
                raise TooManyTries(max(1, round(reset - time.time())))
        for limit, names in self._counters:
            self._limiter.hit(limit, *names)

    def take_back(self) -> None:
        """It was not a wrong one."""
        for limit, names in self._counters:
            self._storage.decr(limit.key_for(*names))

    def forgive(self) -> None:
        """It was right: those before it, from there, were slips."""
        self.take_back()
        for limit, names in self._counters[:1]:
            self._limiter.clear(limit, *names)
