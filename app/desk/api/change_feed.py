"""Change feed: tell the open desk streams of this process what has changed.

Theory of operation. A write at a desk notifies the broker (`Services.notify_desk`), which passes
the notification to every process. Each process has one `ChangeFeed`, with a `Subscription`
for every open desk stream. A notification adds the change to the subscriptions of its coverage, and
their streams send it. A lost notification (the broker was down) does no lasting harm: after a
silence, each subscription reports that everything may have changed.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import get_args

from app.broker.broker import Broker
from app.tasks import end_tasks
from app.web.services import DESK_TOPICS, DeskMatter

_log = logging.getLogger(__name__)

_AGAIN = 1.0  # seconds before the subscription to notifications is retried after an error
MATTERS: tuple[DeskMatter, ...] = get_args(DeskMatter)
_MATTER_OF = {mark: matter for matter, mark in DESK_TOPICS.items()}


Hint = tuple[str, DeskMatter]  # the slug of a coverage, and what has changed at its desk


class Subscription:
    """The changes that one open stream has not sent yet.

    Args:
        slugs: the coverages whose desks the stream follows.
    """

    def __init__(self, slugs: Sequence[str]) -> None:
        self.slugs = slugs
        self._changed: set[Hint] = set()
        self._has_changes = asyncio.Event()
        self._is_over = False

    def note(self, slug: str, matter: DeskMatter) -> None:
        """Add a change at a desk."""
        self._changed.add((slug, matter))
        self._has_changes.set()

    def note_all(self) -> None:
        """Add every possible change."""
        self._changed.update(self._hints())
        self._has_changes.set()

    def end(self) -> None:
        """End the stream."""
        self._is_over = True
        self._has_changes.set()

    async def changed(self, silence: float) -> list[Hint] | None:
        """Wait for changes and take them.

        Args:
            silence: seconds without a change after which every possible change is returned.

        Returns:
            The changes, in the order of the coverages; None once the stream is to end.
        """
        try:
            async with asyncio.timeout(silence):
                await self._has_changes.wait()
        except TimeoutError:
            self.note_all()
        self._has_changes.clear()
        changed = [hint for hint in self._hints() if hint in self._changed]
        self._changed.clear()
        return None if self._is_over else changed

    def _hints(self) -> Iterator[Hint]:
        return ((slug, matter) for slug in self.slugs for matter in MATTERS)


class ChangeFeed:
    """The open desk streams of this process.

    Args:
        broker: the source of change notifications.
    """

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._subscriptions: defaultdict[str, set[Subscription]] = defaultdict(set)
        self._is_closed = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator["ChangeFeed"]:
        """Receive notifications while the block runs; then end every stream."""
        listening = asyncio.create_task(self._listen())
        try:
            yield self
        finally:
            self.close()
            await end_tasks([listening])

    def close(self) -> None:
        """End every stream, and every later one at once: clients reconnect to another process."""
        self._is_closed = True
        for subscription in set[Subscription]().union(*self._subscriptions.values()):
            subscription.end()

    @contextmanager
    def subscribed(self, slugs: Sequence[str]) -> Iterator[Subscription]:
        """Subscribe to the changes of these coverages while the block runs."""
        subscription = Subscription(slugs)
        if self._is_closed:
            subscription.end()
        for slug in slugs:
            self._subscriptions[slug].add(subscription)
        try:
            yield subscription
        finally:
            for slug in slugs:
                self._subscriptions[slug].discard(subscription)
                if not self._subscriptions[slug]:
                    del self._subscriptions[slug]

    async def _listen(self) -> None:
        while True:
            try:
                async for notification in self._broker.notifications():
                    topic = notification.topic
                    slug = topic.lstrip("~")
                    matter = _MATTER_OF.get(topic.removesuffix(slug))
                    if matter is None:
                        continue  # it is a journal's topic, which the hub handles
                    for subscription in self._subscriptions.get(slug, ()):
                        subscription.note(slug, matter)
            except Exception:  # noqa: BLE001 - if this task ended, no desk would get changes
                _log.exception("cannot receive change notifications for the desk; retrying")
                await asyncio.sleep(_AGAIN)
            else:
                return  # the broker is closed
