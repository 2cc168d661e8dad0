"""The audit's lines about refusals: one for each kind, person and address in an hour, with a count.

Whoever attacks is refused thousands of times in a minute, and the audit has to tell of it without
growing or writing as fast. So refusals are counted in memory and written down every few seconds, in
one transaction. In an hour each process writes so many lines and no more: what comes after them is
told together, without its person and address.

Addresses are shortened to the network that they are in, which tells an attack from a slip and is no
data about one household.
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
    """The network that a client's address is in: of IPv4 the /24, of IPv6 the /48."""
    try:
        found: IPv4Address | IPv6Address = ip_address(address or "")
    except ValueError:
        return _UNKNOWN
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    length = 24 if isinstance(found, IPv4Address) else 48
    if isinstance(found, IPv6Address):
        found = IPv6Address(int(found))  # without the zone of a link
    return str(ip_network((found, length), strict=False))


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was refused to whom.

    Args:
        action: as the audit names it: `refuseSignIn`, `refuseCode`, `refuseAction`, `refuseKey` or
            `refuseInvitation`.
        address: the network that it came from.
        caller: who asked; `NOBODY` where that is not known.
        reason: why, in a few words; None where the action says it.
        thing: the id of whom or what it is about.
        coverage: the slug of the coverage that it is about.
        asked: the operation that was refused.
    """

    action: str
    address: str
    caller: Caller = NOBODY
    reason: str | None = None
    thing: str | None = None
    coverage: str | None = None
    asked: str | None = None

    @property
    def key(self) -> tuple[str | None, ...]:
        """What makes it the same as another."""
        about = (self.reason, self.thing, self.coverage, self.asked)
        return (self.action, self.address, self.caller.id, *about)


@dataclass(slots=True)
class _Line:
    refusal: Refusal
    times: int = 0
    written: int = 0  # of those times
    last: datetime | None = None
    row: int | None = None


@dataclass(slots=True)
class RefusalLog:
    """The refusals of this process.

    Args:
        store: where the audit is.
        now: what time it is.
        most: lines of an hour for those whom nobody knows; callers have as many beside them.
    """

    store: Store
    now: Callable[[], datetime]
    most: int = 200
    _hour: datetime | None = None
    _lines: dict[tuple[str | None, ...], _Line] = field(default_factory=dict)
    _known: int = 0  # lines of callers
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def count(self, refusal: Refusal) -> None:
        """Count a refusal; it is written down soon."""
        now = self.now()
        if self._hour is None or not self._hour <= now < self._hour + _HOUR:
            self._begin_hour(now)
        line = self._lines.get(refusal.key) or self._add(refusal)
        line.times += 1
        line.last = now

    def _begin_hour(self, now: datetime) -> None:
        self._hour = now.replace(minute=0, second=0, microsecond=0)
        # What is not written down yet still is, as a line of the hour before.
        self._lines = {key: line for key, line in self._lines.items() if line.times > line.written}
        self._known = sum(line.refusal.caller != NOBODY for line in self._lines.values())

    def _add(self, refusal: Refusal) -> _Line:
        is_known = refusal.caller != NOBODY
        lines = self._known if is_known else len(self._lines) - self._known
        if lines >= self.most:
            refusal = replace(Refusal(refusal.action, OTHERS), caller=NOBODY)
            is_known = False
        elif is_known:
            self._known += 1
        return self._lines.setdefault(refusal.key, _Line(refusal))

    async def flush(self) -> None:
        """Write down what was counted since the last time; what cannot be written is kept."""
        async with self._writing:
            due = [line for line in self._lines.values() if line.times > line.written]
            if not due:
                return
            times = [line.times for line in due]
            try:
                async with self.store.writing() as session:
                    rows = [await _write(session, line, self.now()) for line in due]
            except SQLAlchemyError:
                _log.exception("refusals cannot be written down; trying again")
                return
            for line, row, written in zip(due, rows, times, strict=True):
                line.row, line.written = row, written


async def _write(session: AsyncSession, line: _Line, now: datetime) -> int:
    refusal, last = line.refusal, line.last or now
    told = {
        "from": refusal.address,
        "reason": refusal.reason,
        "asked": refusal.asked,
        "times": line.times,
        "last": last.strftime("%H:%M:%S") if line.times > 1 else None,
    }
    detail = orjson.dumps({name: value for name, value in told.items() if value}).decode()
    if line.row is not None:
        await save_detail(session, line.row, detail)
        return line.row
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
