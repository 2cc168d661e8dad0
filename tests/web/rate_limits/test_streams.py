"""The limits of streams."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.problems import problem
from app.web.rate_limits import streams
from app.web.rate_limits.streams import StreamLimiter, TokenBuckets, TooManyClients


class Clock:
    """A clock that a test advances."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def make_limiter(
    capacity=1000, per_address=1000, rate=1000, trusted="127.0.0.1,::1", clock=None, per_person=1000
):
    """A stream limiter whose limits are out of reach, except those that a test sets."""
    return StreamLimiter(
        capacity=capacity,
        per_address=per_address,
        per_person=per_person,
        connects_per_second=rate,
        trusted=trusted,
        clock=clock or Clock(),
    )


def test_an_address_has_as_many_streams_as_its_limit_says():
    """Beyond the limit of an address its next stream is refused until one ends; others are not."""
    stream_limiter = make_limiter(per_address=2)
    release = stream_limiter.enter("192.0.2.1")
    stream_limiter.enter("192.0.2.1")
    with pytest.raises(TooManyClients):
        stream_limiter.enter("192.0.2.1")
    stream_limiter.enter("192.0.2.2")
    release()
    stream_limiter.enter("192.0.2.1")
    assert len(stream_limiter) == 3


def test_all_addresses_together_have_the_capacity():
    """The capacity applies to all addresses together, trusted proxies and Unix sockets included."""
    stream_limiter = make_limiter(capacity=3)
    for address in ("192.0.2.1", "127.0.0.1", None):
        stream_limiter.enter(address)
    for address in ("192.0.2.9", "127.0.0.1", None):
        with pytest.raises(TooManyClients):
            stream_limiter.enter(address)
    assert len(stream_limiter) == 3


def test_a_place_is_given_back_once():
    """Releasing a stream twice frees one place."""
    stream_limiter = make_limiter(per_address=2)
    release = stream_limiter.enter("192.0.2.1")
    stream_limiter.enter("192.0.2.1")
    release()
    release()
    assert len(stream_limiter) == 1
    stream_limiter.enter("192.0.2.1")
    with pytest.raises(TooManyClients):
        stream_limiter.enter("192.0.2.1")


def test_a_refusal_is_a_503_that_names_a_time():
    """A refusal is a 503 with `Retry-After`."""
    stream_limiter = make_limiter(capacity=1)
    stream_limiter.enter("192.0.2.1")
    with pytest.raises(TooManyClients) as refused:
        stream_limiter.enter("192.0.2.1")
    response = problem(refused.value)
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) >= 2


def test_an_address_opens_streams_at_a_pace():
    """An address may open five seconds' worth of streams at once, and then only at the rate."""
    clock = Clock()
    stream_limiter = make_limiter(rate=10, clock=clock)
    for _ in range(50):
        stream_limiter.enter("192.0.2.1")()
    for _ in range(3):
        with pytest.raises(TooManyClients):
            stream_limiter.enter("192.0.2.1")
        clock.now += 1
        for _ in range(10):
            stream_limiter.enter("192.0.2.1")()
    stream_limiter.enter("192.0.2.2")
    assert len(stream_limiter) == 1


def test_a_trusted_proxy_is_not_limited():
    """A trusted proxy is not limited, since its clients share its address."""
    stream_limiter = make_limiter(
        per_address=1, rate=1, trusted="10.0.0.0/8, 2001:db8:1::/48, 192.0.2.7"
    )
    for address in ("10.1.2.3", "2001:db8:1::5", "192.0.2.7", "::ffff:10.1.2.3"):
        for _ in range(20):
            stream_limiter.enter(address)
    stream_limiter.enter("192.0.2.8")
    with pytest.raises(TooManyClients):
        stream_limiter.enter("192.0.2.8")


def test_who_trusts_everybody_limits_nobody():
    """With `*` as trusted proxies no address is limited."""
    stream_limiter = make_limiter(per_address=1, rate=1, trusted="*")
    for _ in range(20):
        stream_limiter.enter("192.0.2.8")
    assert len(stream_limiter) == 20


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8::1", "2001:db8::ffff:0:0:2"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:DB8::1", "2001:0db8:0::1"),
        ("unknown", "unknown"),
        ("x" * 65, "x" * 100_000),
    ],
)
def test_two_spellings_of_a_client_are_one(one: str, other: str):
    """An IPv6 /64 is one client, and an IPv4-mapped address is the IPv4 address."""
    stream_limiter = make_limiter(per_address=1)
    stream_limiter.enter(one)
    with pytest.raises(TooManyClients):
        stream_limiter.enter(other)


def test_neighbours_are_two():
    """Different /64 networks and different IPv4 addresses are different clients."""
    stream_limiter = make_limiter(per_address=1)
    for address in ("2001:db8::1", "2001:db8:0:1::1", "192.0.2.1", "192.0.2.2"):
        stream_limiter.enter(address)
    assert len(stream_limiter) == 4


def test_who_has_left_leaves_no_trace_but_a_pace_that_is_forgotten_too():
    """Only open streams and the token buckets of the last few seconds take memory."""
    clock = Clock()
    stream_limiter = make_limiter(clock=clock)
    for number in range(5000):
        stream_limiter.enter(f"192.0.{number // 250}.{number % 250}")()
        clock.now += 0.01
    assert stream_limiter._open == {}
    assert len(stream_limiter._buckets) <= 501
    clock.now += 60
    for _ in range(300):
        stream_limiter.enter("192.0.2.1")()
    assert len(stream_limiter._buckets) == 1


def test_a_flood_of_addresses_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch):
    """The number of token buckets is bounded even within one second."""
    monkeypatch.setattr(streams, "_REMEMBERED", 100)
    buckets = TokenBuckets(10, Clock())
    for number in range(1000):
        assert buckets.allows(str(number))
    assert len(buckets) == 100


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 3)), max_size=60))
def test_no_pace_is_exceeded_in_any_order(steps: list[tuple[str, float]]):
    """In any order of attempts no address exceeds the burst plus the rate since the start."""
    clock, rate = Clock(), 2
    buckets = TokenBuckets(rate, clock)
    passed = {"a": 0, "b": 0}
    for address, pause in steps:
        clock.now += pause
        passed[address] += buckets.allows(address)
        assert passed[address] <= 5 * rate + rate * (clock.now - 1000) + 1e-6


def test_a_person_has_so_many_places_from_all_addresses_together():
    """A person's streams are limited across addresses; other people of the address are not."""
    stream_limiter = make_limiter(per_person=2)
    release = stream_limiter.enter("192.0.2.1", "person:1")
    stream_limiter.enter("192.0.2.2", "person:1")
    with pytest.raises(TooManyClients):
        stream_limiter.enter("192.0.2.3", "person:1")
    stream_limiter.enter("192.0.2.1", "person:2")
    stream_limiter.enter("192.0.2.1")
    release()
    stream_limiter.enter(None, "person:1")
    assert len(stream_limiter) == 4


def test_what_comes_again_and_again_is_not_a_new_stream():
    """Long polls take places but no tokens."""
    stream_limiter = make_limiter(per_address=100, rate=2)
    for _ in range(100):
        stream_limiter.enter("192.0.2.1", is_paced=False)()
    for _ in range(10):
        stream_limiter.enter("192.0.2.1")()
    with pytest.raises(TooManyClients):
        stream_limiter.enter("192.0.2.1")
