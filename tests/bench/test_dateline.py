"""The benchmarks measure what they claim to: no limit refuses a reader, no marker counts twice."""

import pytest

from bench.dateline import dateline
from bench.generators import start_fanload

READERS = 1200  # more than an address may connect in a burst, or hold without a stream, by default


@pytest.mark.full("WebSocket connects under the same limits", but=["sse"])
@pytest.mark.parametrize("wire", ["sse", "ws"])
def test_all_readers_of_a_benchmark_connect_and_count_each_event_once(wire: str) -> None:
    """No limit per address refuses a reader, and no event's markers count twice."""
    with dateline() as server:
        target = server.target() if wire == "sse" else server.target("/v1/coverages/bench/socket")
        figures = start_fanload(target, wire, READERS, ["0:3:1"]).figures()
    assert figures["connect"]["established"] == READERS
    deliveries = figures["deliveries"]
    assert (deliveries["missing"], deliveries["duplicate"]) == (0, 0)
    assert figures["phases"][0]["unique"] == READERS * 3
