"""Minimum data rate: how slowly a client may send a request body or read an answer.

An idle time-out alone would let a client hold a connection for ever by sending one byte in each
interval. So each transfer has a credit of some seconds. Every second in which the client could
continue uses up one, every byte restores a fraction of one, and a transfer without credit is too
slow.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MinDataRate:
    """The minimum average rate of a transfer.

    Args:
        bytes_per_second: bytes that a client has to send or read.
        grace: seconds for which it may send or read nothing; also the maximum credit.
    """

    bytes_per_second: int = 1024
    grace: float = 30.0


class TransferCredit:
    """The credit of one transfer. Times are seconds of the event loop's clock.

    Args:
        rate: the minimum rate.
    """

    __slots__ = ("_at", "_is_paused", "_rate", "_seconds")

    def __init__(self, rate: MinDataRate) -> None:
        self._rate = rate
        self._seconds = rate.grace
        self._at = 0.0
        self._is_paused = False

    def begin(self, now: float) -> None:
        """Begin a transfer with the full credit."""
        self._seconds, self._at, self._is_paused = self._rate.grace, now, False

    def add(self, size: int, now: float) -> None:
        """Credit bytes that have been transferred."""
        earned = self.left(now) + size / self._rate.bytes_per_second
        self._seconds, self._at = min(self._rate.grace, earned), now

    def pause(self, now: float) -> None:
        """Stop the clock, because the client cannot continue."""
        self._seconds, self._at, self._is_paused = self.left(now), now, True

    def resume(self, now: float) -> None:
        """Start the clock again: the client can continue."""
        self._at, self._is_paused = now, False

    def left(self, now: float) -> float:
        """Return the remaining credit in seconds; at 0 or below, the transfer is too slow."""
        return self._seconds if self._is_paused else self._seconds - (now - self._at)
