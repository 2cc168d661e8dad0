"""Lane: one wire format of a topic, with the encoded frames of the events in its buffer."""

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
    """The output of a lane: its broadcast to the connections that the hub owns."""

    def connect(self, raw: RawConnection, start: Start, known_head: int, on_close: OnClose) -> None:
        """Write the stream to a connection from now on."""

    def schedule_write(self) -> None:
        """Write the lane's new frames."""

    def before_drop(self, oldest: int) -> None:
        """Write the frame of seq `oldest`, which the lane will drop, where it is still needed."""

    def send_heartbeats(self, now: float) -> None:
        """Send heartbeats to idle connections; `now` is the time of the clock."""

    def disconnect_all(self) -> None:
        """End every connection: the topic has ended."""


class Lane:
    """Frames parallel to the topic's buffer, each encoded when it is first needed.

    Args:
        encoder: the encoder of its wire format.
        events: the topic's buffer; the topic changes it, and calls the lane on each change.
        seq: the seq of the newest event in it.
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
        """The time of the newest event; the buffer must not be empty."""
        return self._events[-1].at

    def append(self) -> None:
        """Follow the buffer, which has a new event."""
        self._frames.append(None)
        self.seq += 1

    def prepend(self) -> None:
        """Follow the buffer, which was extended back by one event."""
        self._frames.appendleft(None)

    def drop_oldest(self) -> None:
        """Follow the buffer, which is about to drop its oldest event."""
        if self.sink is not None:
            self.sink.before_drop(self.seq - len(self._frames) + 1)
        self._frames.popleft()

    def invalidate(self, index: int) -> None:
        """Drop the frame of a redacted event, so that it is encoded again."""
        self._frames[index] = None

    def is_cold(self, seq: int) -> bool:
        """Whether too many frames after `seq` are not encoded to replay them in one turn."""
        count = self.seq - seq
        if count <= self._frames_at_once:
            return False
        behind = islice(reversed(self._frames), count)
        return sum(frame is None for frame in behind) > self._frames_at_once

    def warm(self, seq: int) -> None:
        """Encode the event of a seq in advance, if the buffer still has it."""
        index = seq - self.seq + len(self._frames) - 1
        if 0 <= index < len(self._frames):
            self._frame(index)

    def last(self, count: int) -> list[bytes]:
        """The latest `count` frames, oldest first."""
        size = len(self._frames)
        return [self._frame(index) for index in range(size - count, size)]

    def _frame(self, index: int) -> bytes:
        frame = self._frames[index]
        if frame is None:
            frame = self._frames[index] = self.encoder.event(self._events[index])
        return frame

    def since(self, seq: int) -> bytes:
        """The frames after `seq`, joined; the buffer must cover that seq."""
        count = self.seq - seq
        return self._frame(-1) if count == 1 else b"".join(self.last(count))
