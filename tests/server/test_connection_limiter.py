"""The connection limiter: how many plain connections there may be."""

import time

from hypothesis import given
from hypothesis import strategies as st

from app.server.connection_limiter import ConnectionLimiter
from app.web.rate_limits.streams import TokenBuckets, client_key_by

ADDRESSES = st.sampled_from(["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", "127.0.0.1"])
STEPS = st.lists(
    st.tuples(st.sampled_from(["enter", "serve", "answer", "leave"]), ADDRESSES, st.integers(0, 99))
)
CAPACITY, PER_ADDRESS = 24, 5
key = client_key_by("127.0.0.1")


class Connection:
    """A connection."""

    def __init__(self, limiter: ConnectionLimiter, address: str) -> None:
        self.limiter, self.address = limiter, address
        self.is_open = self.is_waiting = True

    def evict(self) -> None:
        """Record that the connection was closed."""
        assert self.is_waiting, "a connection with a request was closed"
        self.is_open = False


@given(STEPS)
def test_the_bounds_hold_and_nobody_with_a_request_is_closed(
    steps: list[tuple[str, str, int]],
) -> None:
    """In any order of steps the limits hold, and only idle connections are closed."""
    limiter = ConnectionLimiter(CAPACITY, PER_ADDRESS, key, TokenBuckets(1000, time.monotonic))
    connections: list[Connection] = []
    for step, address, index in steps:
        connections = [connection for connection in connections if connection.is_open]
        connection = connections[index % len(connections)] if connections else None
        if step == "enter":
            opened = Connection(limiter, address)
            if limiter.enter(opened, address, len(connections) + 1):
                connections.append(opened)
        elif connection and step == "serve":
            connection.is_waiting = False
            limiter.serve(connection)
        elif connection and step == "answer":
            connection.is_waiting = True
            limiter.resume(connection, connection.address)
        elif connection:
            connection.is_open = False
            limiter.leave(connection)
        open_connections = [connection for connection in connections if connection.is_open]
        assert len(limiter) == len(open_connections) <= CAPACITY // 2
        keys = [key(each.address) for each in open_connections if key(each.address) is not None]
        assert all(keys.count(each) <= PER_ADDRESS for each in keys)


def admit(limiter: ConnectionLimiter, count: int, address: str = "192.0.2.1") -> list[Connection]:
    """Admit that number of connections of an address."""
    connections = [Connection(limiter, address) for _ in range(count)]
    assert all(limiter.enter(connection, address, 1) for connection in connections)
    return connections


def test_the_one_that_has_waited_longest_makes_room() -> None:
    """The connection that is closed is the one that has been idle longest, not the oldest."""
    limiter = ConnectionLimiter(1000, 3, key, TokenBuckets(1000, time.monotonic))
    first, second, third = admit(limiter, 3)
    limiter.serve(first)
    limiter.resume(first, first.address)
    admit(limiter, 1)
    assert (first.is_open, second.is_open, third.is_open) == (True, False, True)


def test_where_all_have_a_request_the_new_one_is_refused() -> None:
    """If every connection has a request, a new one is refused until one of them ends."""
    limiter = ConnectionLimiter(1000, 3, key, TokenBuckets(1000, time.monotonic))
    connections = admit(limiter, 3)
    for connection in connections:
        limiter.serve(connection)
    assert not limiter.enter(Connection(limiter, "192.0.2.1"), "192.0.2.1", 4)
    assert limiter.enter(Connection(limiter, "192.0.2.2"), "192.0.2.2", 4)
    limiter.leave(connections[0])
    assert limiter.enter(Connection(limiter, "192.0.2.1"), "192.0.2.1", 4)


def test_no_address_has_more_than_half_of_the_places() -> None:
    """An address has at most half of the places: of 50 plain connections on 100 descriptors, 25."""
    limiter = ConnectionLimiter(100, 1000, key, TokenBuckets(1000, time.monotonic))
    connections = admit(limiter, 100)
    assert sum(connection.is_open for connection in connections) in range(15, 26)


def test_streams_take_places_in_all_and_none_of_their_address() -> None:
    """With 90 streams on 100 descriptors fewer than 12 plain connections remain."""
    limiter = ConnectionLimiter(100, 1000, key, TokenBuckets(1000, time.monotonic))
    connections = [Connection(limiter, "127.0.0.1") for _ in range(20)]
    for connection in connections:
        limiter.enter(
            connection, connection.address, 90 + sum(each.is_open for each in connections[:1])
        )
        limiter.serve(connection)
    assert len(limiter) < 12
