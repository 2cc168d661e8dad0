"""Times that the broker waits for, in seconds; none of them is without an end."""

import random
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BrokerTimeouts:
    """The times of one broker, each in seconds.

    Args:
        connect: for a server to accept a connection; for each where the URL names several.
        answer: for a server to take a notification, or to bring a heartbeat back.
        heartbeat: between heartbeats when nothing else is sent; a link that has gone silent is
            noticed after this and `answer` together.
        longest_retry: between two attempts to reach a server that is down.
    """

    connect: float = 5.0
    answer: float = 3.0
    heartbeat: float = 10.0
    longest_retry: float = 5.0

    def retries(self) -> Iterator[float]:
        """Give the delays before each next attempt, doubling from 0.1 s to the longest.

        Each is shortened by up to a half at random: otherwise all processes that one restart of
        the server cut off would reconnect in the same instant.
        """
        delay = min(0.1, self.longest_retry)
        while True:
            yield delay * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards no secret
            delay = min(delay * 2, self.longest_retry)
