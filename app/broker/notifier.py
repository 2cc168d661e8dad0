"""Notifications inside one process: every consumer gets those of this process and of others."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from weakref import WeakSet

from app.broker.broker import Notification

_REMEMBERED = 4096  # topics whose highest seq is kept, those notified last


class Mailbox(AsyncIterator[Notification]):
    """The notifications that one consumer has not taken yet: the highest seq of each topic.

    Topics come out in the order in which they were first notified. A notification whose seq is not
    above the topic's highest so far is left out, because brokers repeat notifications, and those of
    two processes may overtake each other. A desk's seqs are the times of several processes' clocks,
    one of which may be behind: there only a repetition of the last seq is left out. The highest
    seqs of the topics that were notified last are kept; of others a repetition may come out, so
    consumers compare it with what they have read.

    Args:
        remembered: the most topics whose highest seq is kept.
    """

    def __init__(self, remembered: int = _REMEMBERED) -> None:
        self._remembered = remembered
        self._pending: dict[str, int] = {}
        self._highest: OrderedDict[str, int] = OrderedDict()
        self._changed = asyncio.Event()
        self._closed = False

    def __len__(self) -> int:
        return len(self._pending)

    def put(self, notification: Notification) -> None:
        """Add a notification; never waits."""
        topic, seq = notification.topic, notification.seq
        highest = self._highest.get(topic) or self._pending.get(topic, 0)
        if self._closed or seq == highest or (seq < highest and not topic.startswith("~")):
            return
        self._highest[topic] = self._pending[topic] = seq
        self._highest.move_to_end(topic)
        if len(self._highest) > self._remembered:
            self._highest.popitem(last=False)
        self._changed.set()

    def close(self) -> None:
        """End the iterator once it has returned its pending notifications."""
        self._closed = True
        self._changed.set()

    async def __anext__(self) -> Notification:
        while not self._pending:
            if self._closed:
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        topic = next(iter(self._pending))
        return Notification(topic, self._pending.pop(topic))


class Notifier:
    """The mailboxes of this process."""

    def __init__(self) -> None:
        # Weak references: the mailbox of a consumer that stops iterating would otherwise fill up.
        self._mailboxes: WeakSet[Mailbox] = WeakSet()
        self._closed = False

    def subscribe(self) -> Mailbox:
        """A mailbox that gets every notification from now on."""
        mailbox = Mailbox()
        if self._closed:
            mailbox.close()
        self._mailboxes.add(mailbox)
        return mailbox

    def notify(self, notification: Notification) -> None:
        """Put a notification into every mailbox; no consumer can delay the others."""
        for mailbox in self._mailboxes:
            mailbox.put(notification)

    def close(self) -> None:
        """End every iterator, including those that are requested later."""
        self._closed = True
        for mailbox in self._mailboxes:
            mailbox.close()
