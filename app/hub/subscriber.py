"""One open stream: a position in a topic, and the frames that carry it forward."""

from collections.abc import Awaitable, Callable

from app.hub.lane import Lane
from app.hub.topic import Topic
from app.timeline.cursor import Cursor
from app.timeline.event import Event

ReadSince = Callable[[str, Cursor, int], Awaitable[list[Event]]]

_PAGE = 100  # events read from the journal at a time


class Subscriber:
    """What a transport's driver asks for frames; it writes them at its client's speed."""

    def __init__(self, topic: Topic, lane: Lane, seq: int, read_since: ReadSince) -> None:
        self._topic = topic
        self._lane = lane
        self._seq = seq
        self._read_since = read_since

    async def frames(self, patience: float) -> list[bytes] | None:
        """The frames that come next, oldest first.

        Args:
            patience: seconds to wait for something new.

        Returns:
            One frame or more; none at all after `patience` of silence; None once the stream is to
            end, and the client to come back with its cursor.
        """
        topic = self._topic
        if topic.is_ended:
            return None
        if self._seq >= topic.head.seq and not await topic.rung(patience):
            return []
        if topic.is_ended:
            return None
        if topic.covers(self._seq):
            ready = self._lane.last(max(0, topic.head.seq - self._seq))
            self._seq = max(self._seq, topic.head.seq)
            return ready
        events = await self._read_since(topic.slug, topic.head.at(self._seq), _PAGE)
        if events:
            self._seq = events[-1].seq
        return [self._lane.wire.event(event) for event in events]
