"""Promises of how many streams one address may have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.problems import problem
from app.web.rate_limits import streams as crowds
from app.web.rate_limits.streams import StreamLimiter, TokenBuckets, TooManyClients


class Clock:
    """A clock that stands still until it is told."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def a_limiter(
    capacity=1000, per_address=1000, rate=1000, trusted="127.0.0.1,::1", clock=None, per_person=1000
):
    """A crowd with limits that only the test's own one reaches."""
    return StreamLimiter(
        capacity=capacity,
        per_address=per_address,
        per_person=per_person,
        connects_per_second=rate,
        trusted=trusted,
        clock=clock or Clock(),
    )


def test_an_address_has_as_many_streams_as_its_limit_says():
    """The next is refused until one has ended; another address is not held up."""
    stream_limiter = a_limiter(per_address=2)
    leave = stream_limiter.enter("192.0.2.1")
    stream_limiter.enter("192.0.2.1")
    with pytest.raises(TooManyClients):
        stream_limiter.enter("192.0.2.1")
    stream_limiter.enter("192.0.2.2")
    leave()
    stream_limiter.enter("192.0.2.1")
    assert len(stream_limiter) == 3


def test_all_addresses_together_have_the_capacity():
    """Trusted proxies and Unix sockets too."""
    stream_limiter = a_limiter(capacity=3)
    for address in ("192.0.2.1", "127.0.0.1", None):
        stream_limiter.enter(address)
    for address in ("192.0.2.9", "127.0.0.1", None):
        with pytest.raises(TooManyClients):
            stream_limiter.enter(address)
    assert len(stream_limiter) == 3


def test_a_place_is_given_back_once():
    """However often its end is told."""
    stream_limiter = a_limiter(per_address=2)
    leave = stream_limiter.enter("192.0.2.1")
    stream_limiter.enter("192.0.2.1")
    leave()
    leave()
    assert len(stream_limiter) == 1
    stream_limiter.enter("192.0.2.1")
    with pytest.raises(TooManyClients):
        stream_limiter.enter("192.0.2.1")


def test_a_refusal_is_a_503_that_names_a_time():
    """Clients come back spread out, as from any other limit of capacity."""
    stream_limiter = a_limiter(capacity=1)
    stream_limiter.enter("192.0.2.1")
    with pytest.raises(TooManyClients) as refused:
        stream_limiter.enter("192.0.2.1")
    answer = problem(refused.value)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 2


def test_an_address_opens_streams_at_a_pace():
    """Five seconds' worth at once, then so many a second, whether the earlier are open or not."""
    clock = Clock()
    stream_limiter = a_limiter(rate=10, clock=clock)
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
    """All of its clients would look like one; whom it names is limited."""
    stream_limiter = a_limiter(
        per_address=1, rate=1, trusted="10.0.0.0/8, 2001:db8:1::/48, 192.0.2.7"
    )
    for address in ("10.1.2.3", "2001:db8:1::5", "192.0.2.7", "::ffff:10.1.2.3"):
        for _ in range(20):
            stream_limiter.enter(address)
    stream_limiter.enter("192.0.2.8")
    with pytest.raises(TooManyClients):
        stream_limiter.enter("192.0.2.8")


def test_who_trusts_everybody_limits_nobody():
    """With `*` a client may call itself what it likes."""
    stream_limiter = a_limiter(per_address=1, rate=1, trusted="*")
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
    """A /64 of IPv6 is one client, an IPv4 address inside IPv6 is that address."""
    stream_limiter = a_limiter(per_address=1)
    stream_limiter.enter(one)
    with pytest.raises(TooManyClients):
        stream_limiter.enter(other)


def test_neighbours_are_two():
    """Another /64, another IPv4 address."""
    stream_limiter = a_limiter(per_address=1)
    for address in ("2001:db8::1", "2001:db8:0:1::1", "192.0.2.1", "192.0.2.2"):
        stream_limiter.enter(address)
    assert len(stream_limiter) == 4


def test_who_has_left_leaves_no_trace_but_a_pace_that_is_forgotten_too():
    """Memory is that of the open streams, and of the last few seconds' addresses."""
    clock = Clock()
    stream_limiter = a_limiter(clock=clock)
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
    """The table of paces has an end even within the same second."""
    monkeypatch.setattr(crowds, "_REMEMBERED", 100)
    buckets = TokenBuckets(10, Clock())
    for number in range(1000):
        assert buckets.allows(str(number))
    assert len(buckets) == 100


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 3)), max_size=60))
def test_no_pace_is_exceeded_in_any_order(steps: list[tuple[str, float]]):
    """Of any run of connects no more pass than the burst and what flowed in since."""
    clock, rate = Clock(), 2
    buckets = TokenBuckets(rate, clock)
    passed = {"a": 0, "b": 0}
    for who, pause in steps:
        clock.now += pause
        passed[who] += buckets.allows(who)
        assert passed[who] <= 5 * rate + rate * (clock.now - 1000) + 1e-6


def test_a_person_has_so_many_places_from_all_addresses_together():
    """Others of the same address have theirs, and a place that is given back is free again."""
    stream_limiter = a_limiter(per_person=2)
    leave = stream_limiter.enter("192.0.2.1", "person:1")
    stream_limiter.enter("192.0.2.2", "person:1")
    with pytest.raises(TooManyClients):
        stream_limiter.enter("192.0.2.3", "person:1")
    stream_limiter.enter("192.0.2.1", "person:2")
    stream_limiter.enter("192.0.2.1")
    leave()
    stream_limiter.enter(None, "person:1")
    assert len(stream_limiter) == 4


def test_what_comes_again_and_again_is_not_a_new_stream():
    """Long-polls have places, and no pace; the pace of streams is what it was."""
    stream_limiter = a_limiter(per_address=100, rate=2)
    for _ in range(100):
        stream_limiter.enter("192.0.2.1", is_paced=False)()
    for _ in range(10):
        stream_limiter.enter("192.0.2.1")()
    with pytest.raises(TooManyClients):
        stream_limiter.enter("192.0.2.1")
