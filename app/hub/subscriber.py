"""Subscriber: an open stream, as a position in a topic, and the frames that advance it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.hub.lane import Lane
from app.hub.slices import TimeSlices
from app.hub.topic import Topic
from app.timeline.cursor import Cursor
from app.timeline.event import Event


@dataclass(frozen=True, slots=True)
class Reading:
    """Events of a journal, in order, and the seq of the journal's head when they were read.

    The retractions up to that head have already removed their words from the events. Of a coverage
    that is withdrawn there is nothing to read, and nobody may follow it.
    """

    events: list[Event]
    head: int
    is_withdrawn: bool = False


ReadSince = Callable[[str, Cursor, int], Awaitable[Reading]]


class Subscriber:
    """A stream whose frames are pulled, and written at the speed of its client.

    `seq` is its position: the client has every event up to there, once they are written; `written`
    is the position of the last write that has ended.

    Args:
        topic: the topic of the stream.
        lane: encodes its events.
        seq: the position at which it begins.
        known_head: the seq of the journal's head as the client's own request read it, which the
            topic may not have reached yet: until it has, its buffer may contain retracted words.
        read_since: reads the journal's events after a cursor, up to a limit.
        page: events that are read from the journal at a time.
        slices: the time slices in which frames outside the buffer are encoded.
    """

    def __init__(
        self,
        topic: Topic,
        lane: Lane,
        seq: int,
        known_head: int,
        *,
        read_since: ReadSince,
        page: int,
        slices: TimeSlices,
    ) -> None:
        self.seq = seq
        self.written = seq
        self._topic = topic
        self._lane = lane
        self._known_head = known_head
        self._read_since = read_since
        self._page = page
        self._slices = slices

    @property
    def is_due(self) -> bool:
        """Whether `frames` would return at once: there are new events, or the topic has ended."""
        return self.seq < self._topic.head.seq or self._topic.is_ended

    @property
    def cursor(self) -> Cursor:
        """The cursor up to which the client has every event."""
        return self._topic.head.at(self.seq)

    @property
    def changed(self) -> asyncio.Future[None]:
        """A future that is done when the topic has new events, or ends."""
        return self._topic.changed

    async def frames(self, timeout: float) -> list[bytes] | None:  # noqa: ASYNC109  a heartbeat's
        """Take the next frames, oldest first.

        Args:
            timeout: seconds to wait for new events.

        Returns:
            One frame or more; an empty list if there were none within `timeout`; None once the
            stream must end, and the client must reconnect with its cursor.
        """
        topic = self._topic
        if not self.is_due:
            await topic.wait(timeout)
        if topic.is_ended:
            return None
        if self.seq >= topic.head.seq:
            return []
        if topic.serves(self.seq, self._known_head):
            frames = self._lane.last(topic.head.seq - self.seq)
            self.seq = topic.head.seq
            return frames
        return await self._read_frames()

    async def _read_frames(self) -> list[bytes] | None:
        topic = self._topic
        while True:
            retractions = topic.retractions
            after = topic.head.at(self.seq)
            reading = await self._read_since(topic.slug, after, self._page)
            # Skip events beyond the topic's head: the topic has not yet applied their retractions
            # to its buffer.
            events = [event for event in reading.events if event.seq <= topic.head.seq]
            frames = await self._slices.map(self._lane.encoder.event, events)
            if topic.retractions == retractions:
                break  # else the events may have been read before a retraction: read again
        if topic.is_ended or not events:
            return None
        self.seq = events[-1].seq
        return frames
