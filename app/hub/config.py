"""Configuration of the hub: its times and sizes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HubConfig:
    """The limits of every stream of this process.

    Times are in seconds, sizes in bytes; counts name their unit. The first five are the operator's
    settings; the rest were chosen by measurement, and tests use smaller ones.

    Args:
        heartbeat: time without a write after which a stream is sent a heartbeat.
        lifetime: the longest lifetime of a stream; each gets a random 0.8 to 1.0 of it.
        stall: how long a client that does not read has to empty its buffer.
        replay_limit: the most events that are replayed when a client resumes.
        drain: time over which all streams are ended when the process is stopped.

        buffer_events: the most events in the buffer of a topic.
        buffer_bytes: the most bytes of bodies in it; the frames of each lane take a few times that.
        frames_at_once: the most frames that are encoded in one turn of the event loop to bring one
            connection to the head.
        shard_size: the most connections of a shard; one turn of the loop writes to all of them.
        write_chunk: bytes of a replay that are handed to a transport at a time.
        kernel_buffer: the send buffer of a socket; Linux doubles it for its own needs.
        max_input: bytes that an SSE client may send in the lifetime of its stream.
        max_websocket_input: the same for a WebSocket; a ping a second is less than 10 KB.
        max_message: bytes of a message that a WebSocket client may send.

        follow_page: events that the follower reads from a journal at a time.
        replay_page: events that a stream behind the buffer reads from the journal at a time.
        backfill_page: events that are read at a time to extend a buffer further back.
        poll: interval between two readings of the journals' heads.
        poll_disconnected: the same while the broker is down.
        linger: how long a topic without subscribers is kept for clients that reconnect.
        idle_topics: the most topics without subscribers that are kept; each of them is polled.

        tick: interval of the clock that ends streams, sends heartbeats and answers long-polls.
        close_timeout: how long a WebSocket client has to answer a close frame.
        pause_per_connection: the shortest time between two writes to a lane, for each connection of
            the process: twice what writing takes, so that a burst leaves most of the loop to other
            work, and its events are sent together.
        longest_pause: the upper limit of that pause.
        drain_batch: interval between two batches of a drain.
        drain_rate: connections ended per second during a drain, if `drain` is long enough for it.
        long_poll_batch: long-polls answered in one turn of the loop.
        reach_pauses: the pauses before the counts of the streams that a retraction has reached.
    """

    heartbeat: float = 20.0
    lifetime: float = 600.0
    stall: float = 10.0
    replay_limit: int = 5000
    drain: float = 8.0

    buffer_events: int = 1024
    buffer_bytes: int = 4 * 1024 * 1024
    frames_at_once: int = 16
    shard_size: int = 128
    write_chunk: int = 64 * 1024
    kernel_buffer: int = 128 * 1024
    max_input: int = 4096
    max_websocket_input: int = 256 * 1024
    max_message: int = 4096

    follow_page: int = 500
    replay_page: int = 100
    backfill_page: int = 128
    poll: float = 1.0
    poll_disconnected: float = 0.25
    linger: float = 60.0
    idle_topics: int = 512

    tick: float = 0.25
    close_timeout: float = 2.0
    pause_per_connection: float = 20e-6
    longest_pause: float = 0.25
    drain_batch: float = 0.05
    drain_rate: float = 2000.0
    long_poll_batch: int = 256
    reach_pauses: tuple[float, ...] = (0.25, 0.5, 1, 1, 2, 2, 4, 4, 8, 8)

    @property
    def silence(self) -> float:
        """Seconds without a byte after which a client may consider its stream dead."""
        return self.heartbeat * 2.25  # one heartbeat may be lost
