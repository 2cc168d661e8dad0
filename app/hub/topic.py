"""Topic: a coverage's stream in this process, with its latest events, their frames and waiters."""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import islice

from app.formats.wires import Encoder, Wire
from app.hub.config import HubConfig
from app.hub.lane import Lane
from app.hub.long_poll_queue import LongPollQueue
from app.timeline.cursor import Cursor
from app.timeline.event import Event
from app.timeline.redaction import is_redaction, redact


class Topic:
    """The part of a coverage's journal, up to `head`, that this process holds in memory.

    Args:
        slug: the coverage.
        head: the journal's head when the topic was opened.
        config: the hub's times and sizes.
    """

    def __init__(self, slug: str, head: Cursor, config: HubConfig) -> None:
        self.slug = slug
        self.head = head
        self.read_target = head.seq  # the highest notified seq that is still to be read
        self.notified = head.seq  # the highest seq that is known to be in the journal
        self.is_head_known = False  # whether nothing beyond `head` was notified
        self.unwatched: list[int] = []  # seqs of retractions whose reach is still to be watched
        self.retractions = 0  # how many were applied; a change invalidates a concurrent reading
        self.is_ended = False
        self.is_backfilled = head.seq == 0  # whether the buffer cannot be extended further back
        self.subscribers = 0
        self.idle_since = 0.0  # when it last lost its last subscriber, or was requested without one
        self.was_requested = False  # whether its head was requested since the last poll
        self.lanes: dict[Wire, Lane] = {}
        self.long_polls = LongPollQueue(config.long_poll_batch)
        self._config = config
        self._buffer: deque[Event] = deque()
        # By seq of each coverage event in the buffer: the journal's head when it was read.
        self._read_at: dict[int, int] = {}
        self._buffer_bytes = 0
        self._changed: asyncio.Future[None] | None = None

    def lane(self, wire: Wire, encoder: Encoder) -> Lane:
        """The lane of a wire format, created for its first subscriber."""
        if wire not in self.lanes:
            at_once = self._config.frames_at_once
            self.lanes[wire] = Lane(encoder, self._buffer, self.head.seq, at_once)
        return self.lanes[wire]

    def extend(self, events: Iterable[Event], head: int) -> None:
        """Append the journal's next events, have them written, and wake the waiters.

        A retraction first removes the entry's words from the buffer and from every encoded frame.

        Args:
            events: in order of seq, without a gap.
            head: the seq of the journal's head when they were read.
        """
        config = self._config
        for event in events:
            if is_redaction(event):
                self._redact(event)
            self._buffer.append(event)
            self._note_reading(event, head)
            self._buffer_bytes += _weight(event)
            for lane in self.lanes.values():
                lane.append()
            self.head = event.cursor
            while len(self._buffer) > config.buffer_events or (
                self._buffer_bytes > config.buffer_bytes and len(self._buffer) > 1
            ):
                for lane in self.lanes.values():
                    lane.drop_oldest()
                dropped = self._buffer.popleft()
                self._read_at.pop(dropped.seq, None)
                self._buffer_bytes -= _weight(dropped)
        for lane in self.lanes.values():
            if lane.sink is not None:
                lane.sink.schedule_write()
        self._wake()

    def _redact(self, retraction: Event) -> None:
        assert retraction.entry is not None
        self.retractions += 1
        self.unwatched.append(retraction.seq)
        for index, event in enumerate(self._buffer):
            if self._read_at.get(event.seq, 0) >= retraction.seq:
                continue  # read after the retraction: its count would be reduced twice
            redacted = redact(event, retraction.entry)
            if redacted != event:
                self._buffer[index] = redacted
                self._buffer_bytes += _weight(redacted) - _weight(event)
                for lane in self.lanes.values():
                    lane.invalidate(index)

    @property
    def base(self) -> Cursor:
        """The cursor after which the buffer holds every event."""
        return self.head.at(self.head.seq - len(self._buffer))

    def page_before(self) -> tuple[Cursor, int] | None:
        """The page of the journal that would extend the buffer further back.

        Returns:
            The cursor after which it begins and its number of events; None if there is no more.
        """
        room = self._config.buffer_events - len(self._buffer)
        count = min(self.base.seq, room, self._config.backfill_page)
        if self.is_backfilled or count == 0:
            return None
        return self.base.at(self.base.seq - count), count

    def backfill(self, events: Sequence[Event], head: int) -> None:
        """Prepend the page that `page_before` returned: as many of its newest events as fit.

        Args:
            events: in order of seq.
            head: the seq of the journal's head when they were read.
        """
        for event in reversed(events):
            weight = _weight(event)
            if self._buffer_bytes + weight > self._config.buffer_bytes:
                self.is_backfilled = True
                return
            self._buffer_bytes += weight
            self._buffer.appendleft(event)
            self._note_reading(event, head)
            for lane in self.lanes.values():
                lane.prepend()
        is_full = len(self._buffer) == self._config.buffer_events
        self.is_backfilled = not events or self.base.seq == 0 or is_full

    def _note_reading(self, event: Event, head: int) -> None:
        if event.details is not None:
            self._read_at[event.seq] = head

    def since(self, seq: int, limit: int) -> list[Event]:
        """The first `limit` events after `seq`; none if the buffer does not reach back to it."""
        if not self.covers(seq):
            return []
        first = seq - self.base.seq
        return list(islice(self._buffer, first, first + limit))

    def covers(self, seq: int) -> bool:
        """Whether the buffer holds every event after `seq`."""
        return seq >= self.head.seq - len(self._buffer)

    def serves(self, seq: int, known_head: int) -> bool:
        """Whether a client's next events can be sent from the buffer.

        Args:
            seq: the client's position.
            known_head: the seq of the journal's head as the client's request read it: until the
                topic has reached that, its buffer may contain retracted words.
        """
        return self.head.seq >= known_head and self.covers(seq)

    def end(self) -> None:
        """End every subscriber's stream; the clients reconnect with their cursors."""
        self.is_ended = True
        self._wake()

    def _wake(self) -> None:
        if self._changed is not None and not self._changed.done():
            self._changed.set_result(None)
        self._changed = None

    async def wait(self, timeout: float) -> bool:  # noqa: ASYNC109  the heartbeat's interval
        """Wait for new events or the topic's end, for `timeout` seconds at most.

        Returns:
            Whether either came in time.
        """
        done, _ = await asyncio.wait({self.changed}, timeout=timeout)
        return bool(done)

    @property
    def changed(self) -> asyncio.Future[None]:
        """A future that is done at the next events or the topic's end; all waiters share it."""
        if self._changed is None:
            self._changed = asyncio.get_running_loop().create_future()
        return self._changed


def _weight(event: Event) -> int:
    body = event.entry.body if event.entry else None
    return 1024 + (len(body.html) + len(body.markdown or "") if body else 0)
