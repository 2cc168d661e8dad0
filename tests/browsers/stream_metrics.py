"""The server's metrics of its streams."""

import time

from tests.contract.timeline import Timeline

_TIMEOUT = 60  # seconds


def figure(timeline: Timeline, name: str) -> int:
    """Return a figure of `/metrics`, summed over all transports."""
    text = timeline.newsroom.reader.get("/metrics").raise_for_status().text
    samples = [sample for sample in text.splitlines() if sample.startswith(f"dateline_{name}{{")]
    return sum(int(float(sample.split()[-1])) for sample in samples)


def has_streams(timeline: Timeline, count: int) -> bool:
    """Wait until the server has that many streams; returns whether it did in time."""
    return comes_to(timeline, "connections", count)


def comes_to(timeline: Timeline, name: str, count: int) -> bool:
    """Wait until a figure has a value; returns whether it did in time."""
    deadline = time.monotonic() + _TIMEOUT
    while figure(timeline, name) != count:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
