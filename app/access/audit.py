"""Who did what: a line for each deed of the newsroom, written in the deed's own transaction.

It names callers, actions and things, never the words of an entry or a secret. Lines are added and
read, and dropped after the time that the operator chose. What was refused is in `refusals.py`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.roles import Caller
from app.store import audit as record
from app.store.tables import AuditRow

TOGETHER = timedelta(minutes=10)  # deeds of one kind that follow each other are one line

# Who is behind a deed that nobody asked for at that moment.
SCHEDULE = Caller("schedule", "the schedule", None)
NOBODY = Caller("nobody", "nobody", None)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit, as the newsroom reads it.

    `caller` and `name` are who did it; `action` is an operation of the API, or what else there is
    to do; `coverage` and `thing` say to what.
    """

    id: int
    at: datetime
    caller: str
    name: str
    action: str
    coverage: str | None
    thing: str | None
    detail: Mapping[str, Any] = field(default_factory=dict)


async def record_audit(
    session: AsyncSession,
    caller: Caller,
    action: str,
    now: datetime,
    *,
    coverage: str | None = None,
    thing: str | None = None,
    detail: Mapping[str, Any] | None = None,
    often: bool = False,
) -> None:
    """Write down what somebody does, in the transaction that does it.

    Args:
        session: the transaction.
        caller: who.
        action: what, by the name of the API's operation if it is one.
        now: the time.
        coverage: the slug of the coverage that it is about.
        thing: the id of an entry, a key, a person, …
        detail: small facts beside it, such as a revision; never words of an entry.
        often: it comes again and again, as typing does: with the line before it, if that is the
            same and not ten minutes old, it is one line, which counts its `times`.
    """
    told = dict(detail or {})
    if often:
        told["times"] = 1 + await _take_back(session, caller, action, now, coverage, thing)
    values = {
        "at": now,
        "caller": caller.id,
        "name": caller.name,
        "action": action,
        "coverage": coverage,
        "thing": thing,
        "detail": orjson.dumps(told).decode(),
    }
    await record.add_audit(session, values)


async def _take_back(
    session: AsyncSession,
    caller: Caller,
    action: str,
    now: datetime,
    coverage: str | None,
    thing: str | None,
) -> int:
    """Take away the line that the new one goes on from; gives how often it says it was done."""
    last = await record.find_last(session, coverage, thing)
    same = last is not None and (last.caller, last.action) == (caller.id, action)
    if last is None or not same or last.at <= now - TOGETHER:
        return 0
    # A new line instead of a new time: so the order of the lines stays that of their times.
    await record.remove_audit(session, last.id)
    times: int = orjson.loads(last.detail).get("times", 1)
    return times


async def list_audit(
    session: AsyncSession,
    limit: int,
    *,
    before: int | None = None,
    coverages: Collection[str] | None = None,
) -> list[AuditEntry]:
    """The audit's lines, newest first.

    Args:
        session: where to read.
        limit: at most so many.
        before: older than the line of this id.
        coverages: only what was done in these; None for everything.
    """
    rows = await record.list_audit(session, limit, before=before, coverages=coverages)
    return [_line(row) for row in rows]


def _line(row: AuditRow) -> AuditEntry:
    assert row.id is not None
    about = (row.action, row.coverage, row.thing)
    return AuditEntry(row.id, row.at, row.caller, row.name, *about, orjson.loads(row.detail))
