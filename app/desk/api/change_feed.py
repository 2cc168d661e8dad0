"""What has changed at each desk that is open in this process.

Theory of operation. Whoever changes something at a desk rings the broker
(`Services.ring_desk`), which rings in every process. Each has one board, with a card for every
stream of hints that is open here; a ring notes on the cards of its coverage what has changed,
and the card's stream says so. A ring that was lost (the broker was down) is healed by time:
after a silence every card has everything on it.
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

_AGAIN = 1.0  # seconds after which a bell that cannot be heard is tried again
MATTERS: tuple[DeskMatter, ...] = get_args(DeskMatter)
_MATTER_OF = {mark: matter for matter, mark in DESK_TOPICS.items()}


Hint = tuple[str, DeskMatter]  # the slug of a coverage, and what has changed at its desk


class Card:
    """What one open stream has not been told yet.

    Args:
        slugs: the coverages whose desks it follows.
    """

    def __init__(self, slugs: Sequence[str]) -> None:
        self.slugs = slugs
        self._changed: set[Hint] = set()
        self._stirred = asyncio.Event()
        self._is_over = False

    def note(self, slug: str, matter: DeskMatter) -> None:
        """Something has changed at a desk."""
        self._changed.add((slug, matter))
        self._stirred.set()

    def note_all(self) -> None:
        """Anything may have changed."""
        self._changed.update(self._hints())
        self._stirred.set()

    def end(self) -> None:
        """There is nothing more to come."""
        self._is_over = True
        self._stirred.set()

    async def changed(self, silence: float) -> list[Hint] | None:
        """Wait for what to tell: everything after so many seconds of silence, None at the end."""
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
    """The desks that are open in this process.

    Args:
        broker: what rings.
    """

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._cards: defaultdict[str, set[Card]] = defaultdict(set)
        self._is_closed = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Board"]:
        """Listen to the bell while the block runs; then end every stream."""
        listening = asyncio.create_task(self._listen())
        try:
            yield self
        finally:
            self.close()
            await end_tasks([listening])

    def close(self) -> None:
        """End every stream, those that come later too: each is to come back elsewhere."""
        self._is_closed = True
        for card in {card for cards in self._cards.values() for card in cards}:
            card.end()

    @contextmanager
    def card(self, slugs: Sequence[str]) -> Iterator[Card]:
        """A card of these coverages for the length of a block."""
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
            except Exception:  # noqa: BLE001 - with this task every desk would fall silent
                _log.exception("the desk's bell cannot be heard; trying again")
                await asyncio.sleep(_AGAIN)
            else:
                return  # taken down

    def _note(self, topic: str) -> None:
        slug = topic.lstrip("~")
        matter = _MATTER_OF.get(topic.removesuffix(slug))
        if matter is not None:  # else it is a journal's, which the hub hears
            for card in self._cards.get(slug, ()):
                card.note(slug, matter)
