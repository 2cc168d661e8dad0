"""Stream limiter: how many streams one address may open, so that no client can take all slots.

A stream is every answer that stays open: server-sent events, WebSockets, and long-polls while they
wait. Readers have one limiter and the desk another, so that neither can shut the other out.

The address is the client's as uvicorn determines it, so behind a trusted proxy it is the one that
the proxy names. The proxy's own address is not limited: all of its clients would count as one.
This module knows neither HTTP nor an event loop; the clock is an argument.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache, partial
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from app.hub.hub import OverCapacity

_BURST = 5  # seconds' worth of tokens that a bucket holds
_REMEMBERED = 16_384  # addresses whose token bucket is kept at a time
_FORGOTTEN_AT_ONCE = 2  # buckets dropped per call; more than the one added, so the table shrinks
_LONGEST_NAME = 64  # characters of a proxy's name for a client without an IP address


class TooManyClients(OverCapacity):
    """Too many streams are open, or were opened too fast, from this address or in all."""


class StreamLimiter:
    """Counts the open streams of this process.

    Memory is bounded by the addresses with open streams, and 16,384 token buckets. Beyond those the
    bucket of the address that has been idle for longest is dropped, which gives it a new burst.

    Args:
        capacity: the most streams at a time.
        per_address: the most streams of one address; for IPv6, of one /64.
        per_person: the most streams of one person or key, from all addresses.
        connects_per_second: sustained rate of new streams of one address; the burst is five
            seconds' worth.
        trusted: the proxies' addresses and networks, separated by commas, or `*` for all peers.
        clock: a monotonic clock in seconds.
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
        self._buckets = TokenBuckets(connects_per_second, clock)
        self._open: dict[str, int] = {}  # streams by address
        self._open_by_person: dict[str, int] = {}
        self._streams = 0
        self._client_key = client_key_by(trusted)

    def __len__(self) -> int:
        return self._streams

    def enter(
        self, address: str | None, person: str | None = None, *, is_paced: bool = True
    ) -> Callable[[], None]:
        """Acquire a slot.

        Args:
            address: the client's address; None, for a Unix socket, is not limited by address.
            person: the id of the person or key; None for an anonymous client.
            is_paced: whether the stream takes a token. A long-poll does not: its client sends it
                again after every event.

        Returns:
            A function that releases the slot; calling it again does nothing.

        Raises:
            TooManyClients: a limit is reached.
        """
        who = self._client_key(address)
        if is_paced and who is not None and not self._buckets.allows(who):
            raise TooManyClients("Your address opens streams too fast.")
        if self._streams >= self._capacity:
            raise TooManyClients("This server has reached its limit of streams.")
        of_address = 0 if who is None else self._open.get(who, 0)
        if of_address >= self._per_address:
            raise TooManyClients(f"Your address has {of_address} streams open.")
        of_person = 0 if person is None else self._open_by_person.get(person, 0)
        if of_person >= self._per_person:
            raise TooManyClients(f"You have {of_person} streams open.")
        _change(self._open, who, 1)
        _change(self._open_by_person, person, 1)
        self._streams += 1
        return _Slot(self, who, person).leave

    def has_room(self, address: str | None) -> bool:
        """Return whether `enter` would now admit an anonymous client's stream; takes nothing."""
        who = self._client_key(address)
        if self._streams >= self._capacity:
            return False
        return who is None or (
            self._open.get(who, 0) < self._per_address and self._buckets.has_token(who)
        )

    def leave(self, who: str | None, person: str | None) -> None:
        """Release a slot.

        Args:
            who: the key that the address was counted under; None for one without a limit.
            person: the id of the person or key; None for an anonymous client.
        """
        self._streams -= 1
        _change(self._open, who, -1)
        _change(self._open_by_person, person, -1)


def _change(counts: dict[str, int], name: str | None, by: int) -> None:
    """Change a name's count, and remove the name at 0."""
    if name is None:
        return
    count = counts.get(name, 0) + by
    if count:
        counts[name] = count
    else:
        del counts[name]


class _Slot:
    __slots__ = ("_person", "_stream_limiter", "_who")

    def __init__(self, stream_limiter: StreamLimiter, who: str | None, person: str | None) -> None:
        self._stream_limiter: StreamLimiter | None = stream_limiter
        self._who = who
        self._person = person

    def leave(self) -> None:
        stream_limiter, self._stream_limiter = self._stream_limiter, None
        if stream_limiter is not None:
            stream_limiter.leave(self._who, self._person)


class TokenBuckets:
    """A token bucket for each address; each connect takes one token.

    A bucket that would be full again by now is equal to a new one, so it is dropped.

    Args:
        per_second: tokens added per second; a bucket holds five seconds' worth.
        clock: a monotonic clock in seconds.
    """

    def __init__(self, per_second: int, clock: Callable[[], float]) -> None:
        self._per_second = per_second
        self._clock = clock
        # By address: tokens, and the time of their count; the least recently used first.
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def has_token(self, who: str) -> bool:
        """Return whether there is a token, and leave it."""
        if (bucket := self._buckets.get(who)) is None:
            return self._per_second * _BURST >= 1
        tokens, at = bucket
        return tokens + (self._clock() - at) * self._per_second >= 1

    def allows(self, who: str) -> bool:
        """Take a token if there is one; return whether there was."""
        now, most = self._clock(), float(self._per_second * _BURST)
        tokens, at = self._buckets.pop(who, (most, now))
        tokens = min(most, tokens + (now - at) * self._per_second)
        is_allowed = tokens >= 1
        self._buckets[who] = (tokens - 1 if is_allowed else tokens, now)
        # Drop the oldest buckets, if they are full again or there are too many.
        for _ in range(_FORGOTTEN_AT_ONCE):
            oldest = next(iter(self._buckets))
            at = self._buckets[oldest][1]
            if now - at < _BURST and len(self._buckets) <= _REMEMBERED:
                break
            del self._buckets[oldest]
        return is_allowed


def client_key_by(trusted: str) -> Callable[[str | None], str | None]:
    """Return a function that maps an address to its key; None means that it is not limited.

    Args:
        trusted: the proxies' addresses and networks, separated by commas, or `*` for all peers.
    """
    if trusted.strip() == "*":
        return _no_key
    _parse_networks(trusted)  # so that a wrong setting is found now
    return partial(_key_of, trusted)


def _no_key(address: str | None) -> None:  # noqa: ARG001
    return None


@lru_cache(16)
def _parse_networks(trusted: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(part.strip()) for part in trusted.split(","))


def _key_of(trusted: str, address: str | None) -> str | None:
    return _network_of(trusted, address[:_LONGEST_NAME]) if address else None


# Under a flood of connections parsing took 4 % of the event loop. The networks are not in the
# cache's key: to hash and compare them takes longer than everything else here.
@lru_cache(_REMEMBERED)
def _network_of(trusted: str, address: str) -> str | None:
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if any(ip in proxy for proxy in _parse_networks(trusted)):
        return None
    if isinstance(ip, IPv6Address):
        # One household or machine has a /64, and can use any address of it.
        return str(IPv6Network((int(ip) >> 64 << 64, 64)))
    return str(ip)
