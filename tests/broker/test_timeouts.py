"""The delays between two attempts to connect."""

from itertools import islice

from app.broker.timeouts import BrokerTimeouts


def test_retries_grow_to_the_longest_wait_and_no_further():
    """The delays grow from 0.1 s to the longest one."""
    delays = list(islice(BrokerTimeouts(longest_retry=5).retries(), 20))
    assert delays[0] <= 0.1
    assert all(2.5 <= delay <= 5 for delay in delays[6:])


def test_no_two_processes_knock_in_step():
    """The delays are random, so that processes do not reconnect at the same time."""
    assert len({next(BrokerTimeouts().retries()) for _ in range(10)}) > 1
