"""The unit of work: everything that a request changes, in one transaction, once.

A write is stored with its line in the audit and, for a request with an idempotency key, with what
it has written: whoever lost the answer (a cut connection, a killed server) repeats the request and
is answered alike. Subscribers are notified after the commit and before the caller is answered, so
that nothing older is read in this process from then on.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.audit import record_audit
from app.access.roles import Caller, Role
from app.newsroom.written import Thing, ThingKind, Written
from app.store.idempotency import (
    KeyReused,
    RequestName,
    StillRunning,
    find_request,
    forget_request,
    forget_requests,
    lock_request,
    save_request,
)
from app.store.tables import IdempotencyRow
from app.web.services import Services

KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Idempotency:
    """The name under which a request is done once, and the digest that tells its payload."""

    path: str
    key: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Operation:
    """Who does what.

    Args:
        caller: who.
        action: the operation's name, for the audit.
        coverage: the slug of the coverage that it is done in; None for the whole newsroom.
        thing: the id of what it is done to; None where it makes something new.
        idempotency: None for a request that may be done twice.
    """

    caller: Caller
    action: str
    coverage: str | None = None
    thing: str | None = None
    idempotency: Idempotency | None = None


Act = Callable[[AsyncSession], Awaitable[Written]]


async def write(services: Services, operation: Operation, act: Act) -> Written:
    """Do something in one transaction, and tell who has to know after its commit.

    Args:
        services: the rooms.
        operation: who does what. One that has been done already is not done again.
        act: does it, in the transaction that it is given; undone if it raises.

    Returns:
        What was done, by this call or by the first one of the same name.

    Raises:
        KeyReused: the idempotency key came before with another payload.
        StillRunning: the first request of this name has not been answered yet.
        NotAllowed: what the first one wrote was for a role that the caller has no more.
    """
    request = operation.idempotency
    if request is None:
        async with services.store.writing() as session:
            written = await _act(session, services.now(), operation, act)
    else:
        name = RequestName(operation.caller.id, request.path, request.key)
        if name in services.running:
            raise StillRunning("The first request with this Idempotency-Key is still running.")
        services.running.add(name)
        try:
            async with services.store.writing() as session:
                await lock_request(session, name)
                written = await _act_once(session, services.now(), operation, act)
        finally:
            services.running.discard(name)
    if written.events:
        await services.announce(written.events[-1].coverage, written.events[-1].seq)
    for slug in written.drafts_of:
        await services.notify_desk(slug)
    return written


async def find_written(services: Services, operation: Operation) -> Written | None:
    """What an operation has written already; None if it is to be done.

    For those whose work comes before the transaction. Two of one name that come together may both
    be told that they are to be done.

    Raises:
        KeyReused: the idempotency key came before with another payload.
        NotAllowed: as for `write`.
    """
    request = operation.idempotency
    if request is None:
        return None
    name = RequestName(operation.caller.id, request.path, request.key)
    async with services.store.reading() as session:
        row = await find_request(session, name)
    return None if row is None else _repeat(row, services.now(), request.digest, operation.caller)


async def _act(session: AsyncSession, now: datetime, operation: Operation, act: Act) -> Written:
    written = await act(session)
    if written.detail is not None:
        coverage, thing = operation.coverage, operation.thing
        if written.is_new and (made := written.thing) is not None:
            coverage = coverage or made.coverage
            thing = thing or (None if made.kind == "coverage" else made.id)
        await record_audit(
            session,
            operation.caller,
            operation.action,
            now,
            coverage=coverage,
            thing=thing,
            detail=written.detail,
            often=written.often,
        )
    return written


async def _act_once(
    session: AsyncSession, now: datetime, operation: Operation, act: Act
) -> Written:
    request, caller = operation.idempotency, operation.caller
    assert request is not None
    name = RequestName(caller.id, request.path, request.key)
    row = await find_request(session, name)
    if row is not None:
        if (before := _repeat(row, now, request.digest, caller)) is not None:
            return before
        await forget_request(session, name)
        session.expunge(row)
    written = await _act(session, now, operation, act)
    thing = written.thing
    kept = IdempotencyRow(
        caller=caller.id,
        path=request.path,
        key=request.key,
        digest=request.digest,
        role=caller.role,
        is_new=written.is_new,
        kind=None if thing is None else thing.kind,
        coverage=None if thing is None else thing.coverage,
        thing=None if thing is None else thing.id,
        version=written.version,
        body=written.body if written.kept is None else written.kept,
        at=now,
    )
    await save_request(session, kept)
    return written


def _repeat(row: IdempotencyRow, now: datetime, digest: bytes, caller: Caller) -> Written | None:
    if row.at <= now - KEPT_FOR:
        return None
    if row.digest != digest:
        raise KeyReused("This Idempotency-Key has been used with another payload.")
    # Whoever was let in as an editor may have been shown what a contributor may not see.
    role: Role | None = row.role  # type: ignore[assignment]
    if role is not None and not caller.may_somewhere(role):
        caller.check(role)
    kind: ThingKind | None = row.kind  # type: ignore[assignment]
    thing = None if kind is None else Thing(kind, row.thing or "", row.coverage)
    return Written(row.body, thing, row.is_new, row.version)


async def forget_written(session: AsyncSession, now: datetime) -> None:
    """Drop what nobody may ask for again."""
    await forget_requests(session, now - KEPT_FOR)
