"""One wire format of a topic: encoded frames of the events in the topic's buffer."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Protocol

from app.formats.wires import Encoder
from app.hub.connection import OnClose
from app.hub.raw_connection import RawConnection
from app.hub.replay import Start
from app.timeline.event import Event


class Sink(Protocol):
    """Where a lane's frames are written: the broadcast to the connections that the hub owns."""

    def connect(self, raw: RawConnection, start: Start, known_head: int, on_close: OnClose) -> None:
        """Write the stream to a connection from now on."""

    def due(self) -> None:
        """The lane has new frames."""

    def dropping(self, oldest: int) -> None:
        """The lane is about to forget the frame of that seq: write it where it is still needed."""

    def send_heartbeats(self, now: float) -> None:
        """Break the silence where it has lasted too long; `now` is the time of the clock."""

    def dismiss(self) -> None:
        """Send every client away: the topic has ended."""


class Lane:
    """Frames in step with the topic's buffer, each encoded when it is first needed.

    Args:
        encoder: of its wire format.
        events: the topic's buffer; the topic changes it, and says so here.
        seq: of the newest event in it.
        frames_at_once: the most frames that may be encoded in one turn of the event loop.
    """

    def __init__(
        self, encoder: Encoder, events: Sequence[Event], seq: int, frames_at_once: int
    ) -> None:
        self.encoder = encoder
        self.seq = seq
        self.sink: Sink | None = None  # None until the hub owns a connection
        self._frames_at_once = frames_at_once
        self._events = events
        self._frames: deque[bytes | None] = deque([None] * len(events))

    @property
    def newest_at(self) -> datetime:
        """The time of the newest event, of which there is one."""
        return self._events[-1].at

    def append(self) -> None:
        """The buffer has one more event."""
        self._frames.append(None)
        self.seq += 1

    def prepend(self) -> None:
        """The buffer reaches back by one more event."""
        self._frames.appendleft(None)

    def drop_oldest(self) -> None:
        """The buffer is about to forget its oldest event."""
        if self.sink is not None:
            self.sink.dropping(self.seq - len(self._frames) + 1)
        self._frames.popleft()

    def forget(self, place: int) -> None:
        """The event at that place of the buffer was redacted: encode it anew."""
        self._frames[place] = None

    def is_cold(self, seq: int) -> bool:
        """Whether bringing a client from `seq` to the head takes long: frames are to be encoded."""
        count = self.seq - seq
        if count <= self._frames_at_once:
            return False
        behind = islice(reversed(self._frames), count)
        return sum(frame is None for frame in behind) > self._frames_at_once

    def warm(self, seq: int) -> None:
        """Encode an event in advance, if the buffer still has it."""
        place = seq - self.seq + len(self._frames) - 1
        if 0 <= place < len(self._frames):
            self._frame(place)

    def last(self, count: int) -> list[bytes]:
        """The latest `count` frames, oldest first."""
        size = len(self._frames)
        return [self._frame(place) for place in range(size - count, size)]

    def _frame(self, place: int) -> bytes:
        frame = self._frames[place]
        if frame is None:
            frame = self._frames[place] = self.encoder.event(self._events[place])
        return frame

    def since(self, seq: int) -> bytes:
        """What comes after `seq`, to which the buffer reaches back, in one piece."""
        count = self.seq - seq
        return self._frame(-1) if count == 1 else b"".join(self.last(count))
