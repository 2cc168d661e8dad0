"""Broadcast: writes a lane's events to its connections, ten thousand at the cost of `send()` each.

Theory of operation. A topic's new events are encoded once per lane. A lane's connections are
grouped in shards; a round robin writes to one shard in each turn of the event loop, and pauses
before it starts on the same lane again.

A connection is a position (see `replay.py`): its shard's while it is in one, else its own. It joins
a shard only at the lane's head, without an `await` in between, so no event is missed or repeated.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from time import monotonic

from app.formats.wires import Encoder
from app.hub.catch_up import CatchUp
from app.hub.config import HubConfig
from app.hub.connection import Connection, OnClose, WebSocketConnection
from app.hub.heartbeat import mark_silent
from app.hub.lane import Lane
from app.hub.lifecycle import Lifecycle
from app.hub.metrics import Metrics, Outcome
from app.hub.raw_connection import RawConnection, set_cork
from app.hub.replay import Start
from app.hub.retry import retry_delay
from app.hub.round_robin import RoundRobin
from app.hub.shard import Shard
from app.hub.topic import Topic


@dataclass(frozen=True, slots=True)
class Shared:
    """The objects that all broadcasts of a process share.

    Args:
        config: the hub's times and sizes.
        metrics: counts the streams.
        shards: the queue of shards that are due for a write.
        lifecycle: ends the connections.
        catch_up: replays to connections that are behind the buffer.
        on_lost: called with the topic and the connection when a connection has closed.
    """

    config: HubConfig
    metrics: Metrics
    shards: RoundRobin[Shard]
    lifecycle: Lifecycle
    catch_up: CatchUp
    on_lost: Callable[[Topic, Connection], None]


class Broadcast:
    """The connections of one lane.

    Args:
        topic: the topic of the lane.
        lane: supplies the frames.
        shared: the objects that all broadcasts share.
    """

    def __init__(self, topic: Topic, lane: Lane, shared: Shared) -> None:
        self.config = shared.config
        self.shards: list[Shard] = []
        self._topic = topic
        self._lane = lane
        self._shared = shared
        self._written_at = -inf  # when its shards were last queued
        self._is_postponed = False  # whether the next write waits for the pause to end

    @property
    def slug(self) -> str:
        """The coverage of the topic."""
        return self._topic.slug

    @property
    def encoder(self) -> Encoder:
        """The encoder of the lane."""
        return self._lane.encoder

    def connect(self, raw: RawConnection, start: Start, known_head: int, on_close: OnClose) -> None:
        """Write the stream to a connection from now on.

        Args:
            raw: the connection from the server.
            start: where the stream begins.
            known_head: the seq of the journal's head as the client's request read it.
            on_close: called with the reason when the connection has closed.
        """
        kind = WebSocketConnection if raw.is_websocket else Connection
        connection = kind(self, start.cursor.seq, known_head, on_close)
        connection.attach(raw)
        self._shared.lifecycle.add(connection)
        behind = max(0, self._topic.head.seq - connection.seq)
        is_served = self._topic.serves(connection.seq, known_head)
        outcome: Outcome = (
            "buffer" if behind and is_served else "current" if is_served else "journal"
        )
        self._shared.metrics.count_resumed("reset" if start.reset else outcome, behind)
        opening = self.encoder.start(start.cursor, retry_delay())
        if start.reset:
            opening += self.encoder.reset(start.cursor, start.reset)
        connection.write(raw.head + opening)
        connection.join()
        if not raw.head:
            set_cork(connection.transport, on=False)  # sends the response's head with these frames

    def join(self, connection: Connection) -> None:
        """Bring a connection to the lane's head and add it to a shard."""
        topic, seq = self._topic, connection.seq
        if topic.is_ended:
            self._shared.lifecycle.disconnect(connection)
        elif not topic.serves(seq, connection.known_head) or self._lane.is_cold(seq):
            self._shared.catch_up.start(connection, topic, self._lane)
        else:
            # If the socket fills up on the way, the connection joins once it has drained.
            connection.feed(self._lane.last(self._lane.seq - seq))
            if not connection.is_paused:
                self._find_shard().add(connection)

    def _find_shard(self) -> Shard:
        """Return a shard with room, at the lane's head; create one if there is none."""
        lane = self._lane
        for shard in self.shards:
            if len(shard.connections) < self.config.shard_size:
                if not shard.connections:
                    shard.seq, shard.written_at = lane.seq, monotonic()
                elif shard.seq != lane.seq:
                    shard.flush()  # a connection may join only at the head
                return shard
        shard = Shard(lane, lane.seq)
        self.shards.append(shard)
        return shard

    def schedule_write(self) -> None:
        """Write the lane's new frames: the first of a burst at once, the rest together."""
        if self._is_postponed:
            return
        pause = self.config.pause_per_connection * len(self._shared.lifecycle)
        delay = self._written_at + min(self.config.longest_pause, pause) - monotonic()
        if delay > 0:
            self._is_postponed = True
            asyncio.get_running_loop().call_later(delay, self._write)
        else:
            self._write()

    def _write(self) -> None:
        self._is_postponed = False
        self._written_at = monotonic()
        self._shared.shards.add(shard for shard in self.shards if shard.connections)

    def before_drop(self, oldest: int) -> None:
        """Write frames that are about to be dropped to the shards that still need them."""
        for shard in self.shards:
            if shard.seq < oldest and shard.connections:
                shard.flush()

    def send_heartbeats(self, now: float) -> None:
        """Send a heartbeat to the shards that are due for one."""
        self._shared.shards.add(mark_silent(self.shards, self.config.heartbeat, now))

    def disconnect_all(self) -> None:
        """End every connection: the topic has ended."""
        self._shared.lifecycle.disconnect_all(self)

    def paused(self, connection: Connection) -> None:
        """Handle a connection whose socket is full."""
        self._shared.lifecycle.slow_readers.paused(connection)

    def resumed(self, connection: Connection) -> None:
        """Handle a connection whose buffer has drained."""
        slow_readers, catch_up = self._shared.lifecycle.slow_readers, self._shared.catch_up
        slow_readers.discard(connection)
        catch_up.resumed(connection)
        if connection.is_ending:
            slow_readers.closing(connection)
        elif connection not in catch_up:
            connection.join()

    def closing(self, connection: Connection) -> None:
        """Handle a connection that waits for its client to answer the close frame."""
        self._shared.lifecycle.slow_readers.closing(connection)

    def lost(self, connection: Connection) -> None:
        """Forget a connection that has closed."""
        self._shared.lifecycle.lost(connection)
        self._shared.catch_up.lost(connection)
        self._shared.on_lost(self._topic, connection)
