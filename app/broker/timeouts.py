"""The broker's time-outs, in seconds; no wait is unbounded."""

import random
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BrokerTimeouts:
    """The time-outs and intervals of one broker, each in seconds.

    Args:
        connect: for a server to accept a connection; for each server if the URL names several.
        answer: for a server to accept a notification, or to return a heartbeat.
        heartbeat: interval between heartbeats when nothing else is sent; a link that has gone
            silent is detected after `heartbeat` plus `answer`.
        longest_retry: the longest delay between two attempts to reach a server that is down.
    """

    connect: float = 5.0
    answer: float = 3.0
    heartbeat: float = 10.0
    longest_retry: float = 5.0

    def retries(self) -> Iterator[float]:
        """Yield the delay before each next attempt, doubling from 0.1 s to the longest.

        Jitter shortens each by up to a half: otherwise all processes that a restart of the server
        has disconnected would reconnect at the same instant.
        """
        delay = min(0.1, self.longest_retry)
        while True:
            yield delay * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, protects no secret
            delay = min(delay * 2, self.longest_retry)
