"""Refusals in the audit: one line for each kind, person and network in an hour, with a count.

An attack may be refused thousands of times in a minute, and the audit has to record it without
growing as fast. So refusals are counted in memory and written every few seconds, in one
transaction. Each process writes a limited number of lines an hour; further refusals are counted
together, without person and address.

Addresses are shortened to their network, which is enough to tell an attack from a mistake and does
not identify a household.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import orjson
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.audit import NOBODY
from app.access.roles import Caller
from app.store.audit import add_numbered, save_detail
from app.store.engine import Store

_log = logging.getLogger(__name__)

OTHERS = "other addresses"
_UNKNOWN = "an unknown address"
_HOUR = timedelta(hours=1)


def network_of(address: str | None) -> str:
    """Return the network of a client's address: the /24 for IPv4, the /48 for IPv6."""
    try:
        ip: IPv4Address | IPv6Address = ip_address(address or "")
    except ValueError:
        return _UNKNOWN
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    length = 24 if isinstance(ip, IPv4Address) else 48
    if isinstance(ip, IPv6Address):
        ip = IPv6Address(int(ip))  # without the zone of a link-local address
    return str(ip_network((ip, length), strict=False))


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused request, as the audit records it.

    Args:
        action: its name in the audit: `refuseSignIn`, `refuseCode`, `refuseAction`, `refuseKey` or
            `refuseInvitation`.
        address: the network that the request came from.
        caller: who asked; `NOBODY` if that is not known.
        reason: the reason, in a few words; None if the action's name says it.
        thing: the id of the person or thing that it is about; None for none.
        coverage: the slug of the coverage that it is about; None for none.
        operation: the operation that was refused; None for none.
    """

    action: str
    address: str
    caller: Caller = NOBODY
    reason: str | None = None
    thing: str | None = None
    coverage: str | None = None
    operation: str | None = None

    @property
    def key(self) -> tuple[str | None, ...]:
        """The values by which refusals are counted together."""
        about = (self.reason, self.thing, self.coverage, self.operation)
        return (self.action, self.address, self.caller.id, *about)


@dataclass(slots=True)
class _RefusalCount:
    refusal: Refusal
    times: int = 0
    written: int = 0  # the part of `times` that is in the database
    last: datetime | None = None
    row: int | None = None


@dataclass(slots=True)
class RefusalLog:
    """Counts the refusals of this process, and writes them to the audit.

    Args:
        store: the store that has the audit.
        now: returns the current time.
        most: lines an hour for anonymous clients; known callers have as many of their own.
    """

    store: Store
    now: Callable[[], datetime]
    most: int = 200
    _hour: datetime | None = None
    _counts: dict[tuple[str | None, ...], _RefusalCount] = field(default_factory=dict)
    _known: int = 0  # lines of known callers
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def count(self, refusal: Refusal) -> None:
        """Count a refusal; the next `flush` writes it."""
        now = self.now()
        if self._hour is None or not self._hour <= now < self._hour + _HOUR:
            self._hour = now.replace(minute=0, second=0, microsecond=0)
            # Lines that are not written yet are kept: they belong to the previous hour.
            self._counts = {
                key: count for key, count in self._counts.items() if count.times > count.written
            }
            self._known = sum(count.refusal.caller != NOBODY for count in self._counts.values())
        count = self._counts.get(refusal.key)
        if count is None:
            is_known = refusal.caller != NOBODY
            lines = self._known if is_known else len(self._counts) - self._known
            if lines >= self.most:
                refusal = replace(Refusal(refusal.action, OTHERS), caller=NOBODY)
            elif is_known:
                self._known += 1
            count = self._counts.setdefault(refusal.key, _RefusalCount(refusal))
        count.times += 1
        count.last = now

    async def flush(self) -> None:
        """Write what was counted since the last call; what cannot be written is kept."""
        async with self._writing:
            due = [count for count in self._counts.values() if count.times > count.written]
            if not due:
                return
            times = [count.times for count in due]
            try:
                async with self.store.writing() as session:
                    rows = [await _write(session, count, self.now()) for count in due]
            except SQLAlchemyError:
                _log.exception("cannot write refusals to the audit; retrying")
                return
            for count, row, written in zip(due, rows, times, strict=True):
                count.row, count.written = row, written


async def _write(session: AsyncSession, count: _RefusalCount, now: datetime) -> int:
    refusal, last = count.refusal, count.last or now
    facts = {
        "from": refusal.address,
        "reason": refusal.reason,
        "asked": refusal.operation,
        "times": count.times,
        "last": last.strftime("%H:%M:%S") if count.times > 1 else None,
    }
    detail = orjson.dumps({name: value for name, value in facts.items() if value}).decode()
    if count.row is not None:
        await save_detail(session, count.row, detail)
        return count.row
    values = {
        "at": now,
        "caller": refusal.caller.id,
        "name": refusal.caller.name,
        "action": refusal.action,
        "coverage": refusal.coverage,
        "thing": refusal.thing,
        "detail": detail,
    }
    return await add_numbered(session, values)
