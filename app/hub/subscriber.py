"""One open stream: a position in a topic, and the frames that carry it forward."""

import asyncio
from collections.abc import Awaitable, Callable

from app.hub.lane import Lane
from app.hub.slices import TimeSlices
from app.hub.topic import Topic
from app.timeline.cursor import Cursor
from app.timeline.event import Event

ReadSince = Callable[[str, Cursor, int], Awaitable[list[Event]]]

_PAGE = 100  # events read from the journal at a time


class Subscriber:
    """What a transport's driver asks for frames; it writes them at its client's speed.

    `seq` is up to where the client has everything.

    Args:
        topic: whose stream.
        lane: how its events are written.
        seq: where it begins.
        known: the journal's head as the client's own request read it, which the topic may not have
            reached yet: until it has, its ring may hold words that are retracted.
        read_since: the journal's events behind a cursor, at most so many.
        slices: in which frames are made that the ring does not have.
    """

    def __init__(
        self,
        topic: Topic,
        lane: Lane,
        seq: int,
        known: int,
        read_since: ReadSince,
        slices: TimeSlices,
    ) -> None:
        self._topic = topic
        self._lane = lane
        self.seq = seq
        self._known = known
        self._read_since = read_since
        self._slices = slices

    @property
    def is_due(self) -> bool:
        """Whether `frames` would return at once: there is something new, or it is over."""
        return self.seq < self._topic.head.seq or self._topic.is_ended

    @property
    def cursor(self) -> Cursor:
        """Up to where the client has everything."""
        return self._topic.head.at(self.seq)

    @property
    def bell(self) -> asyncio.Future[None]:
        """What is done when something is due that is not due yet."""
        return self._topic.bell

    async def wait(self, patience: float) -> None:
        """Wait until something is due, for `patience` seconds at most; takes nothing."""
        if not self.is_due:
            await self._topic.rung(patience)

    async def frames(self, patience: float) -> list[bytes] | None:
        """The frames that come next, oldest first.

        Args:
            patience: seconds to wait for something new.

        Returns:
            One frame or more; none at all after `patience` of silence; None once the stream is to
            end, and the client to come back with its cursor.
        """
        topic = self._topic
        await self.wait(patience)
        if topic.is_ended:
            return None
        if self.seq >= topic.head.seq:
            return []
        if topic.serves(self.seq, self._known):
            ready = self._lane.last(topic.head.seq - self.seq)
            self.seq = topic.head.seq
            return ready
        return await self._from_journal()

    async def _from_journal(self) -> list[bytes] | None:
        topic = self._topic
        while True:
            retractions = topic.retractions
            events = await self._read_since(topic.slug, topic.head.at(self.seq), _PAGE)
            # What the topic has not taken in yet, it has not taken out of its ring for others.
            events = [event for event in events if event.seq <= topic.head.seq]
            frames = await self._slices.map(self._lane.encoder.event, events)
            if topic.retractions == retractions:
                break  # else the words may have been read before they were retracted
        if topic.is_ended or not events:
            return None
        self.seq = events[-1].seq
        return frames
