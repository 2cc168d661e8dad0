"""Audit: one line for each action of the newsroom, written in the action's own transaction.

A line names the caller, the action and the thing, and never holds an entry's text or a secret.
Lines are deleted after the retention time that the operator sets. Refusals are in `refusals.py`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.roles import Caller
from app.store import audit as record

MERGE_WINDOW = timedelta(minutes=10)  # frequent actions of one kind within this time share a line

# The callers of actions that no request has asked for.
SCHEDULE = Caller("schedule", "the schedule", None)
NOBODY = Caller("nobody", "nobody", None)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit, as the newsroom reads it.

    `caller` and `name` identify the caller; `action` is the name of an operation of the API or of
    another action; `coverage` and `thing` identify what it was done to.
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
    """Add a line to the audit, in the transaction of the action itself.

    Args:
        session: the transaction.
        caller: who did it.
        action: the name of the API's operation, or of another action.
        now: the current time.
        coverage: the slug of the coverage that it is about; None for the whole newsroom.
        thing: the id of an entry, a key, a person, …; None for none.
        detail: small facts, such as a revision; never an entry's text.
        often: whether the action is frequent, like saving a draft. It is then merged with the last
            line about the same thing if that has the same caller and action and is less than ten
            minutes old; `times` counts the actions.
    """
    facts = dict(detail or {})
    if often:
        facts["times"] = 1
        last = await record.find_last(session, coverage, thing)
        same = last is not None and (last.caller, last.action) == (caller.id, action)
        if last is not None and same and last.at > now - MERGE_WINDOW:
            # The line is replaced, not updated, so that the lines stay in the order of their times.
            await record.remove_audit(session, last.id)
            facts["times"] += orjson.loads(last.detail).get("times", 1)
    values = {
        "at": now,
        "caller": caller.id,
        "name": caller.name,
        "action": action,
        "coverage": coverage,
        "thing": thing,
        "detail": orjson.dumps(facts).decode(),
    }
    await record.add_audit(session, values)


async def list_audit(
    session: AsyncSession,
    limit: int,
    *,
    before: int | None = None,
    coverages: Collection[str] | None = None,
    caller: str | None = None,
    action: str | None = None,
    times: tuple[datetime, datetime] | None = None,
) -> list[AuditEntry]:
    """List the audit's lines, newest first.

    Args:
        session: where to read.
        limit: the maximal number of lines.
        before: only lines older than the one with this id; None begins with the newest.
        coverages: only lines about these coverages, by slug; None for all lines.
        caller: only lines of the caller with this id; None for all callers.
        action: only lines of this action; None for all actions.
        times: only lines from the first of these times on and before the second.
    """
    rows = await record.list_audit(
        session,
        limit,
        before=before,
        coverages=coverages,
        caller=caller,
        action=action,
        times=times,
    )
    entries = []
    for row in rows:
        assert row.id is not None
        about = (row.action, row.coverage, row.thing)
        detail = orjson.loads(row.detail)
        entries.append(AuditEntry(row.id, row.at, row.caller, row.name, *about, detail))
    return entries
