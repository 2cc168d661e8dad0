"""Laws of how many plain connections there may be."""

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


class Guest:
    """A connection."""

    def __init__(self, limiter: ConnectionLimiter, address: str) -> None:
        self.limiter, self.address = limiter, address
        self.is_open = self.is_waiting = True

    def evict(self) -> None:
        """Close."""
        assert self.is_waiting, "somebody with a request was closed"
        self.is_open = False


@given(STEPS)
def test_the_bounds_hold_and_nobody_with_a_request_is_closed(
    steps: list[tuple[str, str, int]],
) -> None:
    """Whatever comes and goes; the limiter knows exactly those that are open."""
    limiter = ConnectionLimiter(CAPACITY, PER_ADDRESS, key, TokenBuckets(1000, time.monotonic))
    guests: list[Guest] = []
    for what, address, place in steps:
        guests = [guest for guest in guests if guest.is_open]
        guest = guests[place % len(guests)] if guests else None
        if what == "enter":
            new = Guest(limiter, address)
            if limiter.enter(new, address, len(guests) + 1):
                guests.append(new)
        elif guest and what == "serve":
            guest.is_waiting = False
            limiter.serve(guest)
        elif guest and what == "answer":
            guest.is_waiting = True
            limiter.resume(guest, guest.address)
        elif guest:
            guest.is_open = False
            limiter.leave(guest)
        opened = [each for each in guests if each.is_open]
        assert len(limiter) == len(opened) <= CAPACITY // 2
        of_one = [key(each.address) for each in opened if key(each.address) is not None]
        assert all(of_one.count(each) <= PER_ADDRESS for each in of_one)


def enter(limiter: ConnectionLimiter, count: int, address: str = "192.0.2.1") -> list[Guest]:
    """So many connections of an address that were let in."""
    guests = [Guest(limiter, address) for _ in range(count)]
    assert all(limiter.enter(guest, address, 1) for guest in guests)
    return guests


def test_the_one_that_has_waited_longest_makes_room() -> None:
    """Not the oldest connection, but the one whose last answer is longest ago."""
    limiter = ConnectionLimiter(1000, 3, key, TokenBuckets(1000, time.monotonic))
    first, second, third = enter(limiter, 3)
    limiter.serve(first)
    limiter.resume(first, first.address)
    enter(limiter, 1)
    assert (first.is_open, second.is_open, third.is_open) == (True, False, True)


def test_where_all_have_a_request_the_new_one_is_refused() -> None:
    """And comes in once one of them is over."""
    limiter = ConnectionLimiter(1000, 3, key, TokenBuckets(1000, time.monotonic))
    guests = enter(limiter, 3)
    for guest in guests:
        limiter.serve(guest)
    assert not limiter.enter(Guest(limiter, "192.0.2.1"), "192.0.2.1", 4)
    assert limiter.enter(Guest(limiter, "192.0.2.2"), "192.0.2.2", 4)
    limiter.leave(guests[0])
    assert limiter.enter(Guest(limiter, "192.0.2.1"), "192.0.2.1", 4)


def test_no_address_has_more_than_half_of_the_places() -> None:
    """However many the setting allows it: there are 50 plain ones on 100 descriptors."""
    limiter = ConnectionLimiter(100, 1000, key, TokenBuckets(1000, time.monotonic))
    guests = enter(limiter, 100)
    assert sum(guest.is_open for guest in guests) in range(15, 26)


def test_streams_take_places_in_all_and_none_of_their_address() -> None:
    """With 90 streams of 100 descriptors, five plain connections of two each are left."""
    limiter = ConnectionLimiter(100, 1000, key, TokenBuckets(1000, time.monotonic))
    guests = [Guest(limiter, "127.0.0.1") for _ in range(20)]
    for guest in guests:
        limiter.enter(guest, guest.address, 90 + sum(each.is_open for each in guests[:1]))
        limiter.serve(guest)
    assert len(limiter) < 12
