"""Promises of the rings that still have to go out."""

import asyncio

from app.broker.broker import Notification
from app.broker.pending_notifications import PendingNotifications


async def test_a_ring_stays_until_it_is_settled():
    """What was cut off on its way is there for the next attempt."""
    outbox = PendingNotifications()
    outbox.put(Notification("a", 1))
    assert await outbox.pending(1) == await outbox.pending(1) == [Notification("a", 1)]


async def test_a_ring_that_came_meanwhile_is_not_settled_with_the_old_one():
    """While one seq is on its way the next comes, and has to go out too."""
    outbox = PendingNotifications()
    outbox.put(Notification("a", 1))
    sent = await outbox.pending(1)
    outbox.put(Notification("a", 2))
    outbox.mark_sent(sent)
    assert await outbox.pending(1) == [Notification("a", 2)]


async def test_only_the_highest_seq_of_a_topic_is_kept():
    """Memory is bounded by the topics, in whatever order their rings come."""
    outbox = PendingNotifications()
    for seq in (3, 5, 4):
        outbox.put(Notification("a", seq))
    outbox.put(Notification("b", 1))
    assert await outbox.pending(1) == [Notification("a", 5), Notification("b", 1)]


async def test_nothing_to_send_is_said_after_a_while():
    """The sender gets its turn for a heartbeat."""
    assert await PendingNotifications().pending(0.01) == []


async def test_emptied_is_told_when_the_last_ring_is_settled():
    """Closing waits for that, and for nothing when nothing waits."""
    outbox = PendingNotifications()
    await outbox.emptied()
    outbox.put(Notification("a", 1))
    emptied = asyncio.create_task(outbox.emptied())
    sent = await outbox.pending(1)
    assert not emptied.done()
    outbox.mark_sent(sent)
    await emptied
