"""The memory benchmark sees what a load leaves in a server."""

import pytest

from bench.memory import measure_memory, tabulate_memory

TOPICS = "app.hub.follower.Follower._topics"


@pytest.mark.full("a server, to which hundreds of requests are sent")
def test_what_a_load_leaves_is_in_the_table() -> None:
    """The topics of the coverages that a reader has just left are counted, each time."""
    (growth,) = measure_memory(0.02, ["coverages"], lambda _: None, quiet=0)
    before, first, second = (stock["sizes"][TOPICS] for stock in growth.stocks)
    assert (first - before, second - first) == (growth.count, growth.count) == (40, 40)
    assert TOPICS in tabulate_memory([growth])
