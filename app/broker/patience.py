"""How long the doorbell waits for what, in seconds. Refuses waits without an end."""

import random
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """The waits of one broker, each in seconds.

    Args:
        connect: for a server to let us in; for each of them where the URL names several.
        answer: for a server to take a ring, or to bring a heartbeat back.
        heartbeat: between heartbeats when nothing else is rung; a link that has gone silent is
            noticed after this and `answer` together.
        longest: between two attempts to reach a server that is away.
    """

    connect: float = 5.0
    answer: float = 3.0
    heartbeat: float = 10.0
    longest: float = 5.0

    def retries(self) -> Iterator[float]:
        """Give the waits before each next attempt, doubling from 0.1 s to the longest.

        Each is shortened by up to a half at random: else all processes that one restart of the
        server cut off would knock again in the same instant.
        """
        wait = min(0.1, self.longest)
        while True:
            yield wait * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards no secret
            wait = min(wait * 2, self.longest)
