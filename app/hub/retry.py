"""The delay after which a client reconnects, with jitter."""

import random


def retry_delay() -> int:
    """A random 2,000 to 5,000 ms, so that clients cut off together do not reconnect together."""
    return random.randint(2000, 5000)  # noqa: S311  spreads load, protects no secret
