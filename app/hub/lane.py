"""One wire encoding of a topic: a ring of ready frames, and the shards that are given them."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from math import inf
from time import monotonic

from app.framing.wires import Encoder
from app.hub.connection import Connection
from app.hub.shard import SIZE, Shard
from app.timeline.event import Event

_FEW = 16  # frames that are made at once


class Lane:
    """Frames of the topic's ring, each made when somebody first needs it, in step with it.

    Args:
        encoder: of its wire format.
        ring: the topic's latest events; the topic changes it and says so here.
        seq: where the ring ends.
    """

    def __init__(self, encoder: Encoder, ring: Sequence[Event], seq: int) -> None:
        self.encoder = encoder
        self.seq = seq
        self.shards: list[Shard] = []
        self.written_at = -inf  # when its shards were last begun with
        self.is_put_off = False  # that was a moment ago, and there is more
        self._ring = ring
        self._frames: deque[bytes | None] = deque([None] * len(ring))

    @property
    def newest_at(self) -> datetime:
        """The time of the newest event, of which there is one."""
        return self._ring[-1].at

    def append(self) -> None:
        """The ring has one event more."""
        self._frames.append(None)
        self.seq += 1

    def prepend(self) -> None:
        """The ring reaches back further by one event."""
        self._frames.appendleft(None)

    def drop_oldest(self) -> None:
        """The ring is about to forget its oldest event: give it to whoever still needs it."""
        oldest = self.seq - len(self._frames) + 1
        for shard in self.shards:
            if shard.seq < oldest and shard.connections:
                shard.flush()
        self._frames.popleft()

    def forget(self, place: int) -> None:
        """The event at that place of the ring is another one: a retraction has redacted it."""
        self._frames[place] = None

    def is_cold(self, seq: int) -> bool:
        """Whether bringing somebody from `seq` to the head takes long: frames have to be made."""
        count = self.seq - seq
        if count <= _FEW:
            return False
        behind = islice(reversed(self._frames), count)
        return sum(frame is None for frame in behind) > _FEW

    def warm(self, seq: int) -> None:
        """Make an event's frame in advance, if the ring still has the event."""
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
            frame = self._frames[place] = self.encoder.event(self._ring[place])
        return frame

    def since(self, seq: int) -> bytes:
        """What comes behind `seq`, to which the ring reaches back, in one piece."""
        count = self.seq - seq
        return self._frame(-1) if count == 1 else b"".join(self.last(count))

    def bring(self, connection: Connection) -> None:
        """Bring a connection to the head, from where the ring reaches back, and keep it there.

        One whose socket is full stops on the way; it goes on when its transport is drained.
        """
        connection.feed(self.last(self.seq - connection.seq))
        if not connection.is_paused:
            self._shard().add(connection)

    def _shard(self) -> Shard:
        for shard in self.shards:
            if len(shard.connections) < SIZE:
                if not shard.connections:
                    shard.seq, shard.written_at = self.seq, monotonic()
                elif shard.seq != self.seq:
                    shard.flush()  # it is due a frame: joining is exact only at the head
                return shard
        shard = Shard(self, self.seq)
        self.shards.append(shard)
        return shard
