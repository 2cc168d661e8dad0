"""Minimum data rate: how slowly a client may send a body, or take an answer.

A limit for pauses alone lets a client that sends one byte in each of them hold a connection for
ever. Here a transfer has so many seconds of credit. Every second in which the client could go on
takes one, every byte gives a part of one back, and without credit the transfer is too slow.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MinDataRate:
    """The least average speed of a transfer.

    Args:
        bytes_per_second: what a client has to send or take.
        grace: seconds for which it may do nothing at all; the most credit that it can have.
    """

    bytes_per_second: int = 1024
    grace: float = 30.0


class TransferCredit:
    """The credit of one transfer. Times are the loop's seconds.

    Args:
        rate: the least speed.
    """

    __slots__ = ("_at", "_is_paused", "_rate", "_seconds")

    def __init__(self, rate: MinDataRate) -> None:
        self._rate = rate
        self._seconds = rate.grace
        self._at = 0.0
        self._is_paused = False

    def begin(self, now: float) -> None:
        """A transfer begins, with the whole credit."""
        self._seconds, self._at, self._is_paused = self._rate.grace, now, False

    def add(self, size: int, now: float) -> None:
        """So many bytes have been transferred."""
        earned = self.left(now) + size / self._rate.bytes_per_second
        self._seconds, self._at = min(self._rate.grace, earned), now

    def pause(self, now: float) -> None:
        """The client cannot go on: from here no time is counted."""
        self._seconds, self._at, self._is_paused = self.left(now), now, True

    def resume(self, now: float) -> None:
        """The client can go on."""
        self._at, self._is_paused = now, False

    def left(self, now: float) -> float:
        """Seconds of credit; without any the transfer is too slow."""
        return self._seconds if self._is_paused else self._seconds - (now - self._at)
