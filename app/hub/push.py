"""Writes events to ten thousand connections of one process at the price of `send()`.

Theory of operation. A topic's new events are framed once a lane. Each lane's connections stand in
shards; `Turns` writes one shard in a turn of the loop, and begins no lane again at once. All clocks
are shared: one tick looks, four times a second, at the shards' silence (heartbeats), at the slow,
and at those whose life is over.

A connection is a position (see `replay.py`): in a shard the shard's, else its own. It joins a shard
only at the lane's head, without an `await` in between, so nothing is missed and nothing comes
twice. One that is behind the ring is brought up by a task that reads the journal in pages, and
waits for the client in between.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from math import ceil
from time import monotonic

from app.hub.connection import Connection
from app.hub.lane import Lane
from app.hub.line import set_cork
from app.hub.metrics import Metrics, Outcome
from app.hub.replay import Start
from app.hub.shard import Shard
from app.hub.slices import TimeSlices
from app.hub.subscriber import ReadSince, Subscriber
from app.hub.terms import Terms
from app.hub.topic import Topic
from app.hub.turns import Turns
from app.hub.wheel import Wheel

_log = logging.getLogger(__name__)

_END, _RESTART, _LATER, _TOO_SLOW = 1000, 1012, 1013, 4408
_TICK = 0.25  # seconds
_LEAVE = 2.0  # seconds that a WebSocket's client has to answer the close frame
# Seconds between two writes to a lane, for each reader of the process: twice what writing takes.
# So a burst leaves most of the loop to others, and its events go out together.
_PAUSE, _LONGEST_PAUSE = 20e-6, 0.25
_BATCH = 0.05  # seconds between two batches of a drain
_FASTEST_DRAIN = 2000  # connections sent away in a second, if there is a choice


def retry() -> int:
    """In how many milliseconds a client is to come back; random, lest all come at once."""
    return random.randint(2000, 5000)  # noqa: S311  spreads load, keeps no secret


class Push:
    """The connections of this process that it writes to itself.

    Args:
        read_since: the journal's events behind a cursor.
        deepen: lets a topic's ring reach back as far as it may.
        terms: how a stream lives.
        metrics: where it is counted.
        now: the clock of the events' times.
        left: called with a connection when it is over.
        slices: in which frames of a replay are made.
    """

    def __init__(
        self,
        *,
        read_since: ReadSince,
        deepen: Callable[[Topic], Awaitable[None]],
        terms: Terms,
        metrics: Metrics,
        now: Callable[[], datetime],
        left: Callable[[Connection], None],
        slices: TimeSlices,
    ) -> None:
        self._read_since = read_since
        self._deepen = deepen
        self._terms = terms
        self._metrics = metrics
        self._now = now
        self._left = left
        self._slices = slices
        self._is_draining = False
        self._turns = Turns(self._flush)
        self._wheel = Wheel()
        self._deadlines: dict[Connection, float] = {}
        self._climbing: dict[Connection, asyncio.Task[None]] = {}
        self._drained: dict[Connection, asyncio.Future[None]] = {}

    def due(self, lane: Lane) -> None:
        """The lane has something new."""
        # The first event of a burst goes out at once; those behind it soon after, together.
        if lane.is_put_off:
            return
        pause = min(_LONGEST_PAUSE, _PAUSE * len(self._wheel))
        early = lane.written_at + pause - monotonic()
        if early > 0:
            lane.is_put_off = True
            asyncio.get_running_loop().call_later(early, self._write, lane)
        else:
            self._write(lane)

    def _write(self, lane: Lane) -> None:
        lane.is_put_off = False
        lane.written_at = monotonic()
        self._turns.add(shard for shard in lane.shards if shard.connections)

    def _flush(self, shard: Shard) -> None:
        is_news = shard.seq < shard.lane.seq
        shard.flush()
        if is_news:
            self._metrics.lag.observe((self._now() - shard.lane.newest_at).total_seconds())

    def take(self, connection: Connection, start: Start) -> None:
        """Begin the stream on a connection whose transport is attached and whose head is out."""
        life = self._terms.lifetime * random.uniform(0.8, 1.0)  # noqa: S311
        connection.expires = ceil(monotonic() + life)
        self._wheel.add(connection)
        self._count(connection, start)
        encoder = connection.lane.encoder
        opening = encoder.start(start.cursor, retry())
        if start.reset:
            opening += encoder.reset(start.cursor, start.reset)
        connection.write(opening)
        connection.join()
        set_cork(connection.transport, on=False)  # now the head goes out, with all this

    def _count(self, connection: Connection, start: Start) -> None:
        behind = max(0, connection.topic.head.seq - connection.seq)
        served = connection.topic.serves(connection.seq, connection.known)
        outcome: Outcome = "ring" if served and behind else "current" if served else "journal"
        self._metrics.began("reset" if start.reset else outcome, behind)

    def join(self, connection: Connection) -> None:
        """Bring a connection to its lane's head and keep it there."""
        if connection.topic.is_ended:
            self._send_away(connection)
        elif connection.topic.serves(
            connection.seq, connection.known
        ) and not connection.lane.is_cold(connection.seq):
            connection.lane.bring(connection)
        elif connection not in self._climbing:
            self._climbing[connection] = asyncio.create_task(self._climb(connection))

    async def _climb(self, connection: Connection) -> None:
        """Bring a connection from the journal up to where the ring reaches."""
        try:
            await self._deepen(connection.topic)
            await self._replay(connection)
            lane = connection.lane
            while lane.is_cold(connection.seq):
                await self._slices.map(lane.warm, range(connection.seq + 1, lane.seq + 1))
        except Exception as error:  # noqa: BLE001 - whatever it was, the client comes back
            _log.warning("a stream ends: the journal cannot be read (%s)", error)
            connection.end("error", _LATER, retry())
        finally:
            del self._climbing[connection]
        connection.join()

    async def _replay(self, connection: Connection) -> None:
        topic = connection.topic
        behind = Subscriber(
            topic,
            connection.lane,
            connection.seq,
            connection.known,
            self._read_since,
            self._slices,
        )
        while not topic.serves(connection.seq, connection.known):
            if connection.is_paused:
                self._drained[connection] = asyncio.get_running_loop().create_future()
                await self._drained[connection]
            frames = await behind.frames(_TICK)
            if connection.is_leaving or connection.transport.is_closing():
                break
            if frames is None:  # there is no more of this topic's journal
                self._send_away(connection)
                break
            connection.feed(frames or ())
            behind.seq = connection.seq  # the rest of a page is read again: it is not kept here

    def slowed(self, connection: Connection) -> None:
        """A connection's socket is full."""
        self._deadlines[connection] = monotonic() + self._terms.stall

    def drained(self, connection: Connection) -> None:
        """A connection's client has taken everything."""
        self._deadlines.pop(connection, None)
        self._wake(connection)
        if connection.is_leaving:
            self.leaving(connection)
        elif connection not in self._climbing:
            connection.join()

    def leaving(self, connection: Connection) -> None:
        """A connection has been told to leave, and may take a moment for it."""
        patience = self._terms.stall if connection.is_paused else _LEAVE
        self._deadlines[connection] = monotonic() + patience

    def _wake(self, connection: Connection) -> None:
        if (waiting := self._drained.pop(connection, None)) and not waiting.done():
            waiting.set_result(None)

    def lost(self, connection: Connection) -> None:
        """A connection is over: let go of all that knows it."""
        self._deadlines.pop(connection, None)
        self._wheel.discard(connection)
        self._wake(connection)
        if task := self._climbing.get(connection):
            task.cancel()
        self._left(connection)

    async def watch(self, lanes: Callable[[], Iterable[Lane]]) -> None:
        """Look often at the silent, the slow and the old, without an end."""
        while True:
            before = monotonic()
            await asyncio.sleep(_TICK)
            now = monotonic()
            self._metrics.loop_lag.observe(max(0.0, now - before - _TICK))
            try:
                self._end_overdue(now)
                for lane in lanes():
                    self._break_silence(lane, now)
            except Exception:  # noqa: BLE001 - with this task every stream would live for ever
                _log.exception("a look at the streams failed; another follows")

    def _end_overdue(self, now: float) -> None:
        for connection in [c for c, until in self._deadlines.items() if until <= now]:
            self._give_up(connection)
        for connection in self._wheel.expired(now):
            if not connection.is_paused:  # else it is slow, and is told so
                connection.end("rotated", _END, retry())

    def _break_silence(self, lane: Lane, now: float) -> None:
        silent = [
            shard
            for shard in lane.shards
            if shard.connections and now - shard.written_at >= self._terms.heartbeat
        ]
        for shard in silent:
            shard.beats = True
        self._turns.add(silent)

    def _give_up(self, connection: Connection) -> None:
        """A client has not read for too long: say so if it may yet hear, then cut the line."""
        is_over = connection.is_leaving or connection.transport.is_closing()
        if connection.hears_reasons and not is_over:
            connection.end("slow", _TOO_SLOW, retry())
        else:
            connection.reason = connection.reason if connection.is_leaving else "slow"
            connection.cut()

    def dismiss(self, topic: Topic) -> None:
        """Send a topic's connections away: it has ended."""
        for connection in [c for c in self._wheel if c.topic is topic]:
            self._send_away(connection)

    async def drain(self) -> None:
        """Send everybody away, in any order, spread over the terms' time where they are many."""
        self._is_draining = True
        leaving = list(self._wheel)
        random.shuffle(leaving)
        window = min(self._terms.drain, len(leaving) / _FASTEST_DRAIN)
        size = max(1, round(len(leaving) * _BATCH / max(window, _BATCH)))
        while leaving:
            batch, leaving = leaving[:size], leaving[size:]
            for connection in batch:
                self._send_away(connection)
            await asyncio.sleep(_BATCH)

    def close(self) -> None:
        """Send everybody away at once."""
        self._is_draining = True
        for connection in list(self._wheel):
            self._send_away(connection)

    def _send_away(self, connection: Connection) -> None:
        if not self._is_draining:
            connection.end("rotated", _END, retry())
        elif connection.is_paused:
            connection.reason = "shutdown"
            connection.cut()  # else it would hold up the end
        else:
            connection.end("shutdown", _RESTART, retry())
