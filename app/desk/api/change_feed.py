"""Change feed: tell the open desk streams of this process what has changed.

Theory of operation. A write at a desk notifies the broker (`Services.notify_desk`), which passes
the notification to every process. Each process has one `Board`, with a `Card` for every open desk
stream. A notification adds the change to the cards of its coverage, and their streams send it.
A lost notification (the broker was down) does no lasting harm: after a silence, each card reports
that everything may have changed.
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


class Card:
    """The changes that one open stream has not sent yet.

    Args:
        slugs: the coverages whose desks the stream follows.
    """

    def __init__(self, slugs: Sequence[str]) -> None:
        self.slugs = slugs
        self._changed: set[Hint] = set()
        self._stirred = asyncio.Event()
        self._is_over = False

    def note(self, slug: str, matter: DeskMatter) -> None:
        """Add a change at a desk."""
        self._changed.add((slug, matter))
        self._stirred.set()

    def note_all(self) -> None:
        """Add every possible change."""
        self._changed.update(self._hints())
        self._stirred.set()

    def end(self) -> None:
        """End the stream."""
        self._is_over = True
        self._stirred.set()

    async def changed(self, silence: float) -> list[Hint] | None:
        """Wait for changes and take them.

        Args:
            silence: seconds without a change after which every possible change is returned.

        Returns:
            The changes, in the order of the coverages; None once the stream is to end.
        """
        try:
            async with asyncio.timeout(silence):
                await self._stirred.wait()
        except TimeoutError:
            self.note_all()
        self._stirred.clear()
        changed = [hint for hint in self._hints() if hint in self._changed]
        self._changed.clear()
        return None if self._is_over else changed

    def _hints(self) -> Iterator[Hint]:
        return ((slug, matter) for slug in self.slugs for matter in MATTERS)


class Board:
    """The open desk streams of this process.

    Args:
        broker: the source of change notifications.
    """

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._cards: defaultdict[str, set[Card]] = defaultdict(set)
        self._is_closed = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Board"]:
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
        for card in {card for cards in self._cards.values() for card in cards}:
            card.end()

    @contextmanager
    def card(self, slugs: Sequence[str]) -> Iterator[Card]:
        """Register a card for these coverages while the block runs."""
        card = Card(slugs)
        if self._is_closed:
            card.end()
        for slug in slugs:
            self._cards[slug].add(card)
        try:
            yield card
        finally:
            for slug in slugs:
                self._cards[slug].discard(card)
                if not self._cards[slug]:
                    del self._cards[slug]

    async def _listen(self) -> None:
        while True:
            try:
                async for notification in self._broker.notifications():
                    self._note(notification.topic)
            except Exception:  # noqa: BLE001 - if this task ended, no desk would get changes
                _log.exception("cannot receive change notifications for the desk; retrying")
                await asyncio.sleep(_AGAIN)
            else:
                return  # the broker is closed

    def _note(self, topic: str) -> None:
        slug = topic.lstrip("~")
        matter = _MATTER_OF.get(topic.removesuffix(slug))
        if matter is not None:  # otherwise it is a journal's topic, which the hub handles
            for card in self._cards.get(slug, ()):
                card.note(slug, matter)
