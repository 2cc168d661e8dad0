"""The delay after which a client reconnects, with jitter."""

import random


def retry_delay() -> int:
    """A random 2,000 to 5,000 ms, so that clients cut off together do not reconnect together."""
    # A third of the time of `randint`, which each stream that opens would take.
    return 2000 + int(random.random() * 3001)  # noqa: S311  spreads load, protects no secret
