"""The notifier of one process."""

import gc
import weakref

from app.broker.broker import Notification
from app.broker.notifier import Notifier


def test_a_consumer_that_stops_iterating_is_forgotten():
    """A mailbox that its consumer no longer references is garbage-collected."""
    notifier = Notifier()
    mailbox = notifier.subscribe()
    other = notifier.subscribe()
    reference = weakref.ref(mailbox)
    del mailbox
    gc.collect()
    assert reference() is None
    notifier.notify(Notification("a", 1))
    assert other is not None


async def test_a_slow_consumer_holds_no_other_up():
    """A consumer that reads nothing does not delay the others."""
    notifier = Notifier()
    slow, fast = notifier.subscribe(), notifier.subscribe()
    for seq in range(1, 4):
        notifier.notify(Notification("a", seq))
        assert (await anext(fast)).seq == seq
    assert (await anext(slow)).seq == 3
