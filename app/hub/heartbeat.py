"""Heartbeats: bytes on a silent stream, by which both ends notice that the other has gone."""

from collections.abc import Iterable

from app.hub.shard import Shard


def mark_silent(shards: Iterable[Shard], interval: float, now: float) -> list[Shard]:
    """Mark the shards whose next write is a heartbeat, unless an event comes first.

    Args:
        shards: the shards of a lane.
        interval: seconds without a write after which a heartbeat is due.
        now: the time of the clock.
    """
    silent = [shard for shard in shards if shard.connections and now - shard.written_at >= interval]
    for shard in silent:
        shard.is_silent = True
    return silent
