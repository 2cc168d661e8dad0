"""A clock for what is over: it runs at any speed, waits to be let on, and never goes back."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class ReplayClock:
    """Stands at `starts_at` until it is let on.

    It never passes the moment up to which it was let on. So whoever lets it on to the time of the
    next thing, and then does that thing, does it at exactly that time, however long it takes.

    Args:
        starts_at: an aware UTC time.
        speed: its seconds in a second of `tick`.
        tick: seconds from anywhere, never going back.
    """

    def __init__(
        self, starts_at: datetime, speed: float, tick: Callable[[], float] = time.monotonic
    ) -> None:
        self.speed = speed
        self._tick = tick
        self._shown = self._until = starts_at
        self._since = tick()

    def __call__(self) -> datetime:
        """What it shows, to the millisecond that the record keeps."""
        run = timedelta(seconds=(self._tick() - self._since) * self.speed)
        now = self._shown + min(run, self._until - self._shown)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def seconds_until(self, moment: datetime) -> float:
        """How long it would have to run until then; 0 if that is past."""
        return max(0.0, (moment - self()).total_seconds() / self.speed)

    def run_free(self) -> None:
        """Let it run for good, from where it stands, a second in a second."""
        self.let_on(datetime.max.replace(tzinfo=UTC))
        self.speed = 1.0

    def let_on(self, until: datetime) -> None:
        """Let it run from where it stands, at most to `until`."""
        self._shown, self._since = self(), self._tick()
        self._until = max(until, self._shown)

    def move_on(self, to: datetime) -> None:
        """Move it to a moment at once, where it stands; a moment that is past changes nothing."""
        self.let_on(to)
        self._shown = self._until
