"""Promises of the bell inside one process."""

import gc
import weakref

from app.broker.broker import Notification
from app.broker.notifier import Notifier


def test_a_consumer_that_stops_iterating_is_forgotten():
    """Nobody has to sign off; what is no longer held is no longer filled."""
    notifier = Notifier()
    listener = notifier.subscribe()
    kept = notifier.subscribe()
    gone = weakref.ref(listener)
    del listener
    gc.collect()
    assert gone() is None
    notifier.notify(Notification("a", 1))
    assert kept is not None


async def test_a_slow_consumer_holds_no_other_up():
    """One that never takes its rings leaves the next one's alone."""
    notifier = Notifier()
    slow, quick = notifier.subscribe(), notifier.subscribe()
    for seq in range(1, 4):
        notifier.notify(Notification("a", seq))
        assert (await anext(quick)).seq == seq
    assert (await anext(slow)).seq == 3
