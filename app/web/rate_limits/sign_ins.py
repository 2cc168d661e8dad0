"""Sign-in limiter: bounds failed sign-ins, high enough for typing errors and too low for guessing.

Failed attempts are counted in this process, by address and e-mail together, by address alone (which
bounds trying many e-mails) and by e-mail alone (which bounds many addresses that guess one person's
password). A browser with which that person has signed in before, or is signed in, has a counter of
its own and none of these, so that a guesser cannot lock the right person out. Failed returns from
the identity provider, and wrong passkeys, are counted by address. Refused attempts are not counted,
so after at most five minutes anybody may try again.
"""

import time
from collections.abc import Sequence

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from app.access.people import normalise_email
from app.web.rate_limits.streams import client_key_by
from app.web.rate_limits.too_many_requests import TooManyRequests

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
        self.args = ("Too many wrong tries. Wait a minute, and try again.",)
        if minutes > 1:
            self.args = (f"Too many wrong tries. Wait {minutes} minutes, and try again.",)


class SignInLimiter:
    """Counts the failed sign-ins of the last minutes.

    Args:
        trusted: the proxies whose own address is not limited, in `StreamLimiter`'s format.
    """

    def __init__(self, trusted: str) -> None:
        self._storage = MemoryStorage()
        self._limiter = FixedWindowRateLimiter(self._storage)
        self._client_key = client_key_by(trusted)

    def by_password(
        self, address: str | None, email: str, own: str | None = None
    ) -> "SignInAttempt":
        """Return an attempt to sign in with a password.

        Args:
            address: the client's address; None if unknown.
            email: the e-mail address of the person.
            own: the name of a browser that is known as this person's; None for any other.
        """
        if own is not None:
            return SignInAttempt(self._limiter, self._storage, [(_PAIR, ("browser", own))])
        who, whose = self._client_key(address), normalise_email(email)[:_LONGEST]
        counters: list[Counter] = [(_PAIR, ("pair", who or "", whose)), (_EMAIL, ("email", whose))]
        if who is not None:
            counters.append((_ADDRESS, ("address", who)))
        return SignInAttempt(self._limiter, self._storage, counters)

    def by_provider(self, address: str | None, own: str | None = None) -> "SignInAttempt":
        """Return an attempt to sign in by the identity provider.

        Args:
            address: the client's address; None if unknown, which is not limited.
            own: the name of a browser in which somebody has signed in before; None for any other.
        """
        who = self._client_key(address) if own is None else own
        counters = [(_ADDRESS, ("provider", who))] if who is not None else []
        return SignInAttempt(self._limiter, self._storage, counters)

    def by_passkey(self, address: str | None) -> "SignInAttempt":
        """Return an attempt to sign in with a passkey.

        A signature cannot be guessed, so nothing is counted by person, which would only let others
        lock somebody out. The limit bounds the work of verifying wrong signatures.

        Args:
            address: the client's address; None if unknown, which is not limited.
        """
        who = self._client_key(address)
        counters = [(_ADDRESS, ("passkey", who))] if who is not None else []
        return SignInAttempt(self._limiter, self._storage, counters)


class SignInAttempt:
    """One attempt to sign in, before its result is known.

    Args:
        limiter: checks and increments the counters.
        storage: holds the counters.
        counters: the counters of this attempt; a successful attempt clears the first.
    """

    def __init__(
        self, limiter: FixedWindowRateLimiter, storage: MemoryStorage, counters: Sequence[Counter]
    ) -> None:
        self._limiter = limiter
        self._storage = storage
        self._counters = counters

    def count(self) -> None:
        """Count the attempt as failed in advance, so that simultaneous attempts count too.

        Raises:
            TooManyTries: there were too many failed attempts.
        """
        for limit, names in self._counters:
            if not self._limiter.test(limit, *names):
                reset = self._limiter.get_window_stats(limit, *names).reset_time
                raise TooManyTries(max(1, round(reset - time.time())))
        for limit, names in self._counters:
            self._limiter.hit(limit, *names)

    def cancel(self) -> None:
        """Uncount the attempt, which has not failed."""
        for limit, names in self._counters:
            self._storage.decr(limit.key_for(*names))

    def succeed(self) -> None:
        """Uncount the successful attempt, and clear the first counter, which held typing errors."""
        self.cancel()
        for limit, names in self._counters[:1]:
            self._limiter.clear(limit, *names)
