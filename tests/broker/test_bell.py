"""Promises of the bell inside one process."""

import gc
import weakref

from app.broker.bell import Bell
from app.broker.broker import Announcement


def test_a_consumer_that_stops_iterating_is_forgotten():
    """Nobody has to sign off; what is no longer held is no longer filled."""
    bell = Bell()
    listener = bell.listen()
    kept = bell.listen()
    gone = weakref.ref(listener)
    del listener
    gc.collect()
    assert gone() is None
    bell.ring(Announcement("a", 1))
    assert kept is not None


async def test_a_slow_consumer_holds_no_other_up():
    """One that never takes its rings leaves the next one's alone."""
    bell = Bell()
    slow, quick = bell.listen(), bell.listen()
    for seq in range(1, 4):
        bell.ring(Announcement("a", seq))
        assert (await anext(quick)).seq == seq
    assert (await anext(slow)).seq == 3
