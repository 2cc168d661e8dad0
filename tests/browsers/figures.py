"""What a server counts of its streams."""

import time

from tests.contract.timeline import Timeline

_PATIENCE = 60  # seconds


def figure(timeline: Timeline, name: str) -> int:
    """A figure of the server's, of all transports."""
    text = timeline.newsroom.reader.get("/metrics").raise_for_status().text
    found = [line for line in text.splitlines() if line.startswith(f"dateline_{name}{{")]
    return sum(int(float(line.split()[-1])) for line in found)


def has_streams(timeline: Timeline, count: int) -> bool:
    """Whether the server comes to have so many streams."""
    return comes_to(timeline, "connections", count)


def comes_to(timeline: Timeline, name: str, count: int) -> bool:
    """Whether a figure of the server's comes to be that."""
    deadline = time.monotonic() + _PATIENCE
    while figure(timeline, name) != count:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
