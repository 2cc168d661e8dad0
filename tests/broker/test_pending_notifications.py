"""The notifications that are still to be sent."""

import asyncio

from app.broker.broker import Notification
from app.broker.pending_notifications import PendingNotifications


async def test_a_ring_stays_until_it_is_settled():
    """A notification stays pending until it is marked as sent."""
    outbox = PendingNotifications()
    outbox.put(Notification("a", 1))
    assert await outbox.pending(1) == await outbox.pending(1) == [Notification("a", 1)]


async def test_a_ring_that_came_meanwhile_is_not_settled_with_the_old_one():
    """A higher seq that arrives during the sending stays pending."""
    outbox = PendingNotifications()
    outbox.put(Notification("a", 1))
    sent = await outbox.pending(1)
    outbox.put(Notification("a", 2))
    outbox.mark_sent(sent)
    assert await outbox.pending(1) == [Notification("a", 2)]


async def test_only_the_highest_seq_of_a_topic_is_kept():
    """Only the highest seq of each topic is kept, in whatever order they come."""
    outbox = PendingNotifications()
    for seq in (3, 5, 4):
        outbox.put(Notification("a", seq))
    outbox.put(Notification("b", 1))
    assert await outbox.pending(1) == [Notification("a", 5), Notification("b", 1)]


async def test_nothing_to_send_is_said_after_a_while():
    """Without anything to send, `pending` returns after its time-out."""
    assert await PendingNotifications().pending(0.01) == []


async def test_emptied_is_told_when_the_last_ring_is_settled():
    """`emptied` waits until the last notification is marked as sent, if any is pending."""
    outbox = PendingNotifications()
    await outbox.emptied()
    outbox.put(Notification("a", 1))
    emptied = asyncio.create_task(outbox.emptied())
    sent = await outbox.pending(1)
    assert not emptied.done()
    outbox.mark_sent(sent)
    await emptied
