"""How a stream lives: the operator's choice, in seconds and events."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Terms:
    """What every stream of this process is granted.

    Args:
        heartbeat: seconds of silence before one.
        lifetime: the longest life in seconds; each stream gets 0.8 to 1.0 of it.
        stall: seconds that a client which does not read has to drain its buffer.
        replay_limit: the most events that are replayed on resuming.
        drain: seconds over which all streams are sent away when the process is told to stop.
    """

    heartbeat: float = 20.0
    lifetime: float = 600.0
    stall: float = 10.0
    replay_limit: int = 5000
    drain: float = 8.0

    @property
    def silence(self) -> float:
        """Seconds without a byte after which a reader may take its stream for dead."""
        return self.heartbeat * 2.25  # one heartbeat may be missing
