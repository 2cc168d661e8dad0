"""One wire encoding of a topic: a ring of ready frames, in step with the topic's ring of events."""

from collections import deque
from collections.abc import Iterable
from typing import Protocol

from app.timeline.cursor import Cursor
from app.timeline.event import Event


class Wire(Protocol):
    """How events are written for one kind of client; `framing/` has them."""

    @property
    def heartbeat(self) -> bytes:
        """What keeps a silent connection open; empty if somebody else sees to that."""

    def start(self, cursor: Cursor, retry: int) -> bytes:
        """The first frame."""

    def event(self, event: Event) -> bytes:
        """An event's frame."""

    def reset(self, cursor: Cursor, reason: str) -> bytes:
        """The frame that tells a client to load anew."""


class Lane:
    """Frames of the topic's latest events, each framed once."""

    def __init__(self, wire: Wire, events: Iterable[Event]) -> None:
        self.wire = wire
        self._frames = deque(wire.event(event) for event in events)

    def append(self, event: Event) -> None:
        """Frame an event that has come."""
        self._frames.append(self.wire.event(event))

    def drop_oldest(self) -> None:
        """Forget the oldest frame, as the topic forgets its event."""
        self._frames.popleft()

    def reframe(self, place: int, event: Event) -> None:
        """Frame anew the event at that place of the ring: a retraction has redacted it."""
        self._frames[place] = self.wire.event(event)

    def last(self, count: int) -> list[bytes]:
        """The latest `count` frames, oldest first."""
        size = len(self._frames)
        return [self._frames[place] for place in range(size - count, size)]
