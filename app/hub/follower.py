"""The journals that this process follows: a topic each, as far as the bell and the poll tell.

Theory of operation. The broker rings a bell: "coverage so-and-so is at seq n". The follower then
reads the journal since the seq that its topic holds, once for all, and the topic frames each event
once per lane. The bell carries no payload, so a ring that is lost, doubled or late costs time and
never truth: a poll of the heads heals it, each second, or four times a second while the broker is
down. A topic is opened by whoever first asks for it and forgotten a minute after the last one left.

Answers that are kept ready hang on the same heads: a topic that is only read from is followed too
(`follow`), and its head is given out (`head_of`) as long as nothing was heard that it lacks. A ring
makes it unknown at once, before anything is read.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import contextmanager

from app.hub.lane import Lane
from app.hub.metrics import Metrics
from app.hub.subscriber import ReadSince
from app.hub.topic import Topic
from app.timeline.cursor import Cursor
from app.timeline.event import Event

_log = logging.getLogger(__name__)

_POLL, _POLL_BELL_DOWN = 1.0, 0.25  # seconds
_LINGER = 60.0  # seconds that a topic without subscribers is kept for those who come back
_PAGE = 500  # events read from the journal at a time
_FOLLOWED = 512  # topics without a subscriber that are kept at most, each of them polled

ReadHeads = Callable[[Collection[str]], Awaitable[Mapping[str, Cursor]]]


class Follower:
    """Topics by slug.

    Args:
        read_since: the journal's events behind a cursor, at most so many.
        read_heads: where the journals of these coverages end.
        bell: what rings: (slug, seq) pairs without an end.
        bell_is_up: whether the bell can be relied on now.
    """

    def __init__(
        self,
        *,
        read_since: ReadSince,
        read_heads: ReadHeads,
        bell: Callable[[], AsyncIterator[tuple[str, int]]],
        bell_is_up: Callable[[], bool],
    ) -> None:
        self._read_since = read_since
        self._read_heads = read_heads
        self._bell = bell
        self._bell_is_up = bell_is_up
        self._topics: dict[str, Topic] = {}
        self._reading: dict[Topic, asyncio.Task[None]] = {}
        self._deepening: dict[Topic, asyncio.Task[None]] = {}
        self._looking: dict[str, asyncio.Task[Cursor | None]] = {}
        self._outages = 0
        self._moved: Callable[[str], None] = lambda _slug: None
        self._redacted: Callable[[str], None] = lambda _slug: None
        self.is_closing = False
        self.metrics = Metrics()

    def _due(self, lane: Lane) -> None:
        """A lane has something new."""

    def _grown(self, topic: Topic) -> None:
        """A topic has taken in new events."""

    def _end(self, topic: Topic) -> None:
        """A topic is over: its journal was replaced by another."""
        topic.end()
        self._doubt(topic)
        self._redacted(topic.slug)

    async def find_head(self, slug: str) -> Cursor | None:
        """Where a journal ends; one look for all who ask at a time. None if there is none."""
        if (known := self.head_of(slug)) is not None:
            return known
        if slug not in self._looking:
            self._looking[slug] = asyncio.create_task(self._look(slug))
        return await asyncio.shield(self._looking[slug])

    async def _look(self, slug: str) -> Cursor | None:
        try:
            head = (await self._read_heads([slug])).get(slug)
        finally:
            del self._looking[slug]
        if head is not None:
            self._leave(self._enter(slug, head))  # followed from now on, for those who come next
        return head

    def heed(self, moved: Callable[[str], None]) -> None:
        """Have this called with a slug as soon as `head_of` no longer gives the head it gave."""
        self._moved = moved

    def heed_retractions(self, redacted: Callable[[str], None]) -> None:
        """Have this called with a slug when words were retracted, or nothing is heard of it."""
        self._redacted = redacted

    def head_of(self, slug: str) -> Cursor | None:
        """Where a journal ends, without looking; None if that is not known for sure.

        What this process has announced is in it. What another one has announced may be missing for
        as long as the ring is under way; while the bell is down, nothing is sure.
        """
        topic = self._topics.get(slug)
        if topic is None or topic.is_ended:
            return None
        if not self._bell_is_up():
            self._outages += 1
            self._doubt(topic)
        if not topic.is_sure:
            return None
        topic.was_asked = True  # the time costs more than all the rest: the next poll notes it
        return topic.head

    async def follow(self, slug: str, head: Cursor) -> None:
        """Keep up with a coverage for a minute, and return when its head is known, if it can be.

        Args:
            slug: which coverage.
            head: the head of its journal as just read.
        """
        if self._hearing() is None:
            return
        is_new = slug not in self._topics
        with self._topic(slug, head) as topic:
            if not topic.is_sure:
                self._ring(slug, topic.head.seq + 1)
            if reading := self._reading.get(topic):
                await asyncio.wait({reading})
        if is_new:
            self._forget_one_too_many()

    def ring(self, slug: str, seq: int) -> None:
        """Say that a journal has reached a seq; from now on no older head is given out."""
        topic = self._topics.get(slug)
        if topic is not None and seq > topic.head.seq:
            topic.heard = max(topic.heard, seq)
            self._ring(slug, seq)

    @contextmanager
    def _topic(self, slug: str, head: Cursor) -> Iterator[Topic]:
        topic = self._enter(slug, head)
        try:
            yield topic
        finally:
            self._leave(topic)

    def _enter(self, slug: str, head: Cursor) -> Topic:
        topic = self._topics.get(slug)
        if topic is not None and topic.head.epoch != head.epoch:
            self._end(topic)  # nothing would ring for it any more
        if topic is None or topic.is_ended:
            topic = self._topics[slug] = Topic(slug, head, self._due)
            topic.is_ended = self.is_closing
            # Whatever was committed since the head was read rang for nobody.
            self._ring(slug, head.seq + 1)
        self.ring(slug, head.seq)
        topic.subscribers += 1
        topic.idle_since = None
        return topic

    def _leave(self, topic: Topic) -> None:
        topic.subscribers -= 1
        if topic.subscribers == 0:
            topic.idle_since = asyncio.get_running_loop().time()

    async def _listen(self) -> None:
        while True:
            try:
                async for slug, seq in self._bell():
                    self.ring(slug, seq)
            except Exception:  # noqa: BLE001 - with this task every stream would fall silent
                _log.exception("the bell cannot be heard; trying again")
                await asyncio.sleep(_POLL)
            else:
                return  # taken down

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(_POLL if self._bell_is_up() else _POLL_BELL_DOWN)
            self._forget_idle()
            hearing = self._hearing()
            if hearing is None:
                self._doubt(*self._topics.values())
            asked = dict(self._topics)
            if not asked:
                continue
            try:
                heads = await self._read_heads(list(asked))
            except Exception:  # noqa: BLE001 - whatever it was, the next poll may read
                _log.exception("the heads cannot be read; trying again")
                self._doubt(*asked.values())
                continue
            for slug, topic in asked.items():  # not those opened meanwhile: nobody asked for them
                self._compare(topic, heads.get(slug), hearing)

    def _compare(self, topic: Topic, head: Cursor | None, hearing: int | None) -> None:
        if head is None or head.epoch != topic.head.epoch:
            self._end(topic)  # clients load anew
        else:
            self.ring(topic.slug, head.seq)
            topic.is_sure = self._is_sure(topic, hearing)

    def _forget_idle(self) -> None:
        now = asyncio.get_running_loop().time()
        for topic in list(self._topics.values()):
            was_asked, topic.was_asked = topic.was_asked, False
            if topic.idle_since is not None:
                topic.idle_since = now if was_asked else topic.idle_since
                if now - topic.idle_since > _LINGER:
                    self._forget(topic)

    def _forget_one_too_many(self) -> None:
        idle = [t for t in self._topics.values() if t.idle_since is not None]
        if len(idle) > _FOLLOWED:
            self._forget(min(idle, key=lambda topic: topic.idle_since or 0.0))

    def _forget(self, topic: Topic) -> None:
        if self._topics.get(topic.slug) is topic:
            del self._topics[topic.slug]
            self._moved(topic.slug)
            self._redacted(topic.slug)

    def _doubt(self, *topics: Topic) -> None:
        for topic in topics:
            topic.is_sure = False
            self._moved(topic.slug)

    def _is_sure(self, topic: Topic, hearing: int | None) -> bool:
        # Where the bell was down in between, something may have rung for nobody.
        is_heard = hearing is not None and self._hearing() == hearing
        return is_heard and topic.heard <= topic.head.seq

    def _hearing(self) -> int | None:
        """How often the bell has been found down; None if it is now."""
        if self._bell_is_up():
            return self._outages
        self._outages += 1
        return None

    def _ring(self, slug: str, seq: int) -> None:
        topic = self._topics.get(slug)
        if topic is None or seq <= topic.head.seq:
            return
        topic.wanted = max(topic.wanted, seq)
        self._doubt(topic)
        if topic not in self._reading:
            self._reading[topic] = asyncio.create_task(self._catch_up(topic))

    async def _catch_up(self, topic: Topic) -> None:
        try:
            while topic.wanted > topic.head.seq:
                # What rings during the reading may be too late for it, and asks for another.
                wanted, topic.wanted = topic.wanted, 0
                hearing = self._hearing()
                events = await self._read(topic.slug, topic.head, _PAGE)
                if events:  # else those who wait would be woken for nothing
                    topic.extend(events)
                    if any(event.type == "entry.retracted" for event in events):
                        self._redacted(topic.slug)
                    self._grown(topic)
                if len(events) == _PAGE:
                    topic.wanted = max(topic.wanted, wanted)
                topic.is_sure = self._is_sure(topic, hearing)
        except Exception:  # noqa: BLE001 - whatever it was, the poll tries again
            _log.exception("the journal of %s cannot be read; trying again", topic.slug)
        finally:
            # Here and not in a callback: a ring between the two would start no reading.
            del self._reading[topic]

    async def _read(self, slug: str, after: Cursor, limit: int) -> list[Event]:
        self.metrics.readings.inc()
        return await self._read_since(slug, after, limit)

    async def _deepen(self, topic: Topic) -> None:
        """Let a topic's ring reach back as far as it may: one reading for all who come back."""
        if topic.is_deep:
            return
        if topic not in self._deepening:
            self._deepening[topic] = asyncio.create_task(self._read_back(topic))
        # Shielded: one who leaves does not take the reading with him.
        await asyncio.shield(self._deepening[topic])

    async def _read_back(self, topic: Topic) -> None:
        try:
            while (page := topic.page_before()) is not None and not topic.is_ended:
                after, count = page
                retractions = topic.retractions
                events = await self._read(topic.slug, after, count)
                if topic.page_before() == page and topic.retractions == retractions:
                    topic.deepen(events)
        finally:
            del self._deepening[topic]
