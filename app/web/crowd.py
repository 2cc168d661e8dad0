"""How many streams one address may have, so that a single client cannot take everybody's places.

A stream is every answer that stays open: server-sent events, WebSockets, and long-polls while they
wait. Readers have one limiter and the desk another, so that neither can shut the other out.

An address is a client's as uvicorn tells it, so behind a trusted proxy it is the one that the
proxy names. The proxy's own address is not counted: all of its clients would look like one.
Nothing here knows HTTP or a loop; the clock is an argument.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache, partial
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
        per_person: the most of one person or key, from whatever addresses.
        connects_per_second: new streams of one address for long; five seconds' worth at once.
        trusted: the proxies' addresses and networks with commas between, or `*` for everybody.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        *,
        capacity: int,
        per_address: int,
        per_person: int,
        connects_per_second: int,
        trusted: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._capacity = capacity
        self._per_address = per_address
        self._per_person = per_person
        self._pace = Pacing(connects_per_second, clock)
        self._open: dict[str, int] = {}  # streams by address
        self._open_by_person: dict[str, int] = {}
        self._streams = 0
        self._counted_as = counting(trusted)

    def __len__(self) -> int:
        return self._streams

    def enter(
        self, address: str | None, person: str | None = None, *, is_paced: bool = True
    ) -> Callable[[], None]:
        """Take a place.

        Args:
            address: the client's; None, of a Unix socket, is not limited by itself.
            person: the id of the person or key, of those who have shown one.
            is_paced: whether it counts as a new stream of the second. A long-poll does not: it
                comes again with every event.

        Returns:
            What gives the place back; calling it again does nothing.

        Raises:
            Crowded: there is none.
        """
        who = self._counted_as(address)
        if is_paced and who is not None and not self._pace.allows(who):
            raise Crowded("Your address opens streams too fast.")
        if self._streams >= self._capacity:
            raise Crowded("This process has as many streams as it may.")
        of_address = 0 if who is None else self._open.get(who, 0)
        if of_address >= self._per_address:
            raise Crowded(f"Your address has {of_address} streams open.")
        of_person = 0 if person is None else self._open_by_person.get(person, 0)
        if of_person >= self._per_person:
            raise Crowded(f"You have {of_person} streams open.")
        _change(self._open, who, 1)
        _change(self._open_by_person, person, 1)
        self._streams += 1
        return _Place(self, who, person).leave

    def leave(self, who: str | None, person: str | None) -> None:
        """Take back a place, of the address as it was counted, and of the person."""
        self._streams -= 1
        _change(self._open, who, -1)
        _change(self._open_by_person, person, -1)


def _change(counts: dict[str, int], name: str | None, by: int) -> None:
    """Count for a name, and forget a name that has come to nothing."""
    if name is None:
        return
    count = counts.get(name, 0) + by
    if count:
        counts[name] = count
    else:
        del counts[name]


class _Place:
    __slots__ = ("_crowd", "_person", "_who")

    def __init__(self, crowd: Crowd, who: str | None, person: str | None) -> None:
        self._crowd: Crowd | None = crowd
        self._who = who
        self._person = person

    def leave(self) -> None:
        crowd, self._crowd = self._crowd, None
        if crowd is not None:
            crowd.leave(self._who, self._person)


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
    proxies = tuple(ip_network(part.strip()) for part in trusted.split(","))
    return partial(_count_as, proxies)


def _count_nobody(address: str | None) -> None:  # noqa: ARG001
    return None


def _count_as(proxies: tuple[IPv4Network | IPv6Network, ...], address: str | None) -> str | None:
    return _counted(proxies, address[:_LONGEST_NAME]) if address else None


@lru_cache(_REMEMBERED)  # under a flood of connections parsing took 4 % of the loop
def _counted(proxies: tuple[IPv4Network | IPv6Network, ...], address: str) -> str | None:
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if any(found in proxy for proxy in proxies):
        return None
    if isinstance(found, IPv6Address):
        # One household or machine has a /64, and takes any address of it.
        return str(IPv6Network((int(found) >> 64 << 64, 64)))
    return str(found)
