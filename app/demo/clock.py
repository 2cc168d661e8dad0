"""A clock for replays: it runs at any speed, pauses until it is advanced, and never goes back."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class ReplayClock:
    """A clock that stands at `starts_at` until it is released.

    It never passes the time up to which it was released. A caller that releases it up to the time
    of the next action, and then performs that action, does so at exactly that time, however long
    the action takes.

    Args:
        starts_at: an aware UTC time.
        speed: the clock's seconds per second of `tick`.
        tick: a monotonic clock in seconds.
    """

    def __init__(
        self, starts_at: datetime, speed: float, tick: Callable[[], float] = time.monotonic
    ) -> None:
        self.speed = speed
        self._tick = tick
        self._shown = self._until = starts_at
        self._since = tick()

    def __call__(self) -> datetime:
        """Return the current time, to the millisecond that the database stores."""
        run = timedelta(seconds=(self._tick() - self._since) * self.speed)
        now = self._shown + min(run, self._until - self._shown)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def seconds_until(self, moment: datetime) -> float:
        """Return the seconds that it would have to run until then; 0 if that time is past."""
        return max(0.0, (moment - self()).total_seconds() / self.speed)

    def release_fully(self) -> None:
        """Release the clock without a limit, from its current time, at the speed of real time."""
        self.release(datetime.max.replace(tzinfo=UTC))
        self.speed = 1.0

    def release(self, until: datetime) -> None:
        """Let the clock run from its current time, at most to `until`."""
        self._shown, self._since = self(), self._tick()
        self._until = max(until, self._shown)

    def advance(self, to: datetime) -> None:
        """Set a clock that stands to a later time; does nothing if that time is past."""
        self.release(to)
        self._shown = self._until
