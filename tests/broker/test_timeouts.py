"""Promises of the waits between two attempts."""

from itertools import islice

from app.broker.timeouts import BrokerTimeouts


def test_retries_grow_to_the_longest_wait_and_no_further():
    """The first knock comes soon, the later ones leave a server in trouble alone."""
    waits = list(islice(BrokerTimeouts(longest_retry=5).retries(), 20))
    assert waits[0] <= 0.1
    assert all(2.5 <= wait <= 5 for wait in waits[6:])


def test_no_two_processes_knock_in_step():
    """The waits of processes that were cut off together spread."""
    assert len({next(BrokerTimeouts().retries()) for _ in range(10)}) > 1
