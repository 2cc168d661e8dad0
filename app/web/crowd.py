"""How many streams one address may have, so that a single client cannot take everybody's places.

An address is a client's as uvicorn tells it, so behind a trusted proxy it is the one that the
proxy names. The proxy's own address is not counted: all of its clients would look like one.
Nothing here knows HTTP or a loop; the clock is an argument.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from app.hub.hub import OverCapacity

_BURST = 5  # seconds' worth of connects that an address may make at once
_REMEMBERED = 16_384  # addresses whose pace is known at a time
_FORGOTTEN_AT_ONCE = 2  # more than the one that is added, so the table shrinks by itself
_LONGEST_NAME = 64  # characters of what a proxy calls a client that has no address


class Crowded(OverCapacity):
    """There are too many streams, or too many new ones, from this address or in all."""


class Crowd:
    """The open streams of this process.

    Memory is bounded by the addresses with open streams and 16,384 whose pace is remembered.
    Beyond those the one that has been quiet for longest is forgotten, which gives it a new burst.

    Args:
        capacity: the most streams at a time.
        per_address: the most of one address; of an IPv6 address, of its /64.
        connects_per_second: new streams of one address for long; five seconds' worth at once.
        trusted: the proxies' addresses and networks with commas between, or `*` for everybody.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        *,
        capacity: int,
        per_address: int,
        connects_per_second: int,
        trusted: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._capacity = capacity
        self._per_address = per_address
        self._pace = Pacing(connects_per_second, clock)
        self._open: dict[str, int] = {}
        self._streams = 0
        self._counted_as = counting(trusted)

    def __len__(self) -> int:
        return self._streams

    def enter(self, address: str | None) -> Callable[[], None]:
        """Take a place.

        Args:
            address: the client's; None, of a Unix socket, is not limited by itself.

        Returns:
            What gives the place back; calling it again does nothing.

        Raises:
            Crowded: there is none.
        """
        who = self._counted_as(address)
        if who is not None and not self._pace.allows(who):
            raise Crowded("Your address opens streams too fast.")
        if self._streams >= self._capacity:
            raise Crowded("This process has as many streams as it may.")
        if who is not None:
            streams = self._open.get(who, 0)
            if streams >= self._per_address:
                raise Crowded(f"Your address has {streams} streams open.")
            self._open[who] = streams + 1
        self._streams += 1
        return _Place(self, who).leave

    def leave(self, who: str | None) -> None:
        """Take back a place, of the address as it was counted."""
        self._streams -= 1
        if who is None:
            return
        self._open[who] -= 1
        if not self._open[who]:
            del self._open[who]


class _Place:
    __slots__ = ("_crowd", "_who")

    def __init__(self, crowd: Crowd, who: str | None) -> None:
        self._crowd: Crowd | None = crowd
        self._who = who

    def leave(self) -> None:
        crowd, self._crowd = self._crowd, None
        if crowd is not None:
            crowd.leave(self._who)


class Pacing:
    """A bucket of tokens for each address: so many a second flow in, one goes with each connect.

    A bucket that would be full by now is as good as none, so it is dropped.

    Args:
        per_second: tokens that flow in.
        clock: seconds that only grow.
    """

    def __init__(self, per_second: int, clock: Callable[[], float]) -> None:
        self._per_second = per_second
        self._clock = clock
        # Tokens and when they were counted; the longest untouched first.
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def allows(self, who: str) -> bool:
        """Take a token, if there is one."""
        now, most = self._clock(), float(self._per_second * _BURST)
        tokens, at = self._buckets.pop(who, (most, now))
        tokens = min(most, tokens + (now - at) * self._per_second)
        is_allowed = tokens >= 1
        self._buckets[who] = (tokens - 1 if is_allowed else tokens, now)
        self._drop_full(now)
        return is_allowed

    def _drop_full(self, now: float) -> None:
        for _ in range(_FORGOTTEN_AT_ONCE):
            oldest = next(iter(self._buckets))
            at = self._buckets[oldest][1]
            if now - at < _BURST and len(self._buckets) <= _REMEMBERED:
                return
            del self._buckets[oldest]


def counting(trusted: str) -> Callable[[str | None], str | None]:
    """What an address is counted as; None for one that is not limited."""
    if trusted.strip() == "*":
        return _count_nobody
    return partial(_count_as, tuple(ip_network(part.strip()) for part in trusted.split(",")))


def _count_nobody(address: str | None) -> None:  # noqa: ARG001
    return None


def _count_as(proxies: tuple[IPv4Network | IPv6Network, ...], address: str | None) -> str | None:
    if not address:
        return None
    try:
        found = ip_address(address)
    except ValueError:
        return address[:_LONGEST_NAME]
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if any(found in proxy for proxy in proxies):
        return None
    if isinstance(found, IPv6Address):
        # One household or machine has a /64, and takes any address of it.
        return str(IPv6Network((int(found) >> 64 << 64, 64)))
    return str(found)
