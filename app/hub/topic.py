"""One coverage's stream in this process: its latest events, their frames, and a bell."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from app.framing.wires import Encoder, Wire
from app.hub.lane import Lane
from app.hub.waiting import Waiting
from app.timeline.cursor import Cursor
from app.timeline.event import Event, redact

RING_EVENTS = 1024
RING_BYTES = 4 * 1024 * 1024  # of bodies; each lane's frames come to a few times that
_PAGE_BACK = 128  # events read at a time to reach back


class Topic:
    """What this process holds of a coverage's journal, up to `head`.

    Args:
        slug: whose journal.
        head: where it ended when the topic was opened.
        due: called with each lane that has something new.
    """

    def __init__(
        self, slug: str, head: Cursor, due: Callable[[Lane], None] = lambda _lane: None
    ) -> None:
        self.slug = slug
        self.head = head
        self.wanted = head.seq  # the highest seq that somebody rang for
        self.heard = head.seq  # the highest seq that is known to be in the journal
        self.is_sure = False  # whether `head` is known to be the journal's, as far as rings tell
        self.retractions = 0  # taken in by this process, for readings that one overtakes
        self.is_ended = False
        self.is_deep = head.seq == 0  # whether the ring reaches back as far as it may
        self.subscribers = 0
        self.idle_since: float | None = None
        self.lanes: dict[Wire, Lane] = {}
        self.waiting = Waiting()
        self._due = due
        self.was_asked = False  # for its head, since somebody last looked
        self._ring: deque[Event] = deque()
        self._ring_bytes = 0
        self._bell: asyncio.Future[None] | None = None

    def lane(self, wire: Wire, encoder: Encoder) -> Lane:
        """The lane of a wire format, opened by its first subscriber."""
        if wire not in self.lanes:
            self.lanes[wire] = Lane(encoder, self._ring, self.head.seq)
        return self.lanes[wire]

    def extend(self, events: Iterable[Event]) -> None:
        """Take in the journal's next events, have them written, and ring.

        A retraction first takes the entry's words out of every frame that is held ready.
        """
        for event in events:
            if event.type == "entry.retracted" and event.entry is not None:
                self._redact(event)
            self._ring.append(event)
            self._ring_bytes += _weight(event)
            for lane in self.lanes.values():
                lane.append()
            self.head = event.cursor
            self._trim()
        for lane in self.lanes.values():
            self._due(lane)
        self._wake()

    def _redact(self, retraction: Event) -> None:
        assert retraction.entry is not None
        self.retractions += 1
        for place, event in enumerate(self._ring):
            redacted = redact(event, retraction.entry)
            if redacted != event:
                self._ring[place] = redacted
                self._ring_bytes += _weight(redacted) - _weight(event)
                for lane in self.lanes.values():
                    lane.forget(place)

    def _trim(self) -> None:
        while len(self._ring) > RING_EVENTS or (
            self._ring_bytes > RING_BYTES and len(self._ring) > 1
        ):
            for lane in self.lanes.values():
                lane.drop_oldest()
            self._ring_bytes -= _weight(self._ring.popleft())

    @property
    def base(self) -> Cursor:
        """Up to where the journal is not in the ring."""
        return self.head.at(self.head.seq - len(self._ring))

    def page_before(self) -> tuple[Cursor, int] | None:
        """Which events the ring could reach back to: behind what, how many; None if no more."""
        count = min(self.base.seq, RING_EVENTS - len(self._ring), _PAGE_BACK)
        if self.is_deep or count == 0:
            return None
        return self.base.at(self.base.seq - count), count

    def deepen(self, events: Sequence[Event]) -> None:
        """Take in the page that `page_before` named, as many of the latest as have room."""
        for event in reversed(events):
            weight = _weight(event)
            if self._ring_bytes + weight > RING_BYTES:
                self.is_deep = True
                return
            self._ring_bytes += weight
            self._ring.appendleft(event)
            for lane in self.lanes.values():
                lane.prepend()
        self.is_deep = not events or self.base.seq == 0 or len(self._ring) == RING_EVENTS

    def since(self, seq: int, limit: int) -> list[Event]:
        """The first `limit` events behind `seq`; none where the ring does not reach back to it."""
        if not self.covers(seq):
            return []
        first = seq - self.base.seq
        return list(islice(self._ring, first, first + limit))

    def covers(self, seq: int) -> bool:
        """Whether the ring holds everything behind `seq`."""
        return seq >= self.head.seq - len(self._ring)

    def serves(self, seq: int, known: int) -> bool:
        """Whether the ring is what comes next for somebody.

        Args:
            seq: up to where that client has everything.
            known: the head of the journal as its own request read it: until the topic has reached
                that, its ring may hold words that are retracted.
        """
        return self.head.seq >= known and self.covers(seq)

    def end(self) -> None:
        """Send every subscriber away; each comes back with its cursor."""
        self.is_ended = True
        self._wake()

    def _wake(self) -> None:
        if self._bell is not None and not self._bell.done():
            self._bell.set_result(None)
        self._bell = None

    async def rung(self, timeout: float) -> bool:  # noqa: ASYNC109  the heartbeat's interval
        """Wait for the bell.

        Args:
            timeout: seconds to wait at most.

        Returns:
            Whether it rang.
        """
        done, _ = await asyncio.wait({self.bell}, timeout=timeout)
        return bool(done)

    @property
    def bell(self) -> asyncio.Future[None]:
        """What is done with the next events, or at the end; one for all who wait."""
        if self._bell is None:
            self._bell = asyncio.get_running_loop().create_future()
        return self._bell


def _weight(event: Event) -> int:
    body = event.entry.body if event.entry else None
    return 1024 + (len(body.html) + len(body.markdown or "") if body else 0)
