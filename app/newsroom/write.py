"""The unit of work: everything that a request changes, in one transaction, once.

The transaction also stores the audit line and, for a request with an idempotency key, the result.
A client that lost the response (a cut connection, a killed server) repeats the request and gets the
same result. Subscribers are notified after the commit and before the response is sent, so that this
process serves nothing older from then on.
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
    delete_expired_requests,
    delete_request,
    find_request,
    lock_request,
    save_request,
)
from app.store.tables import IdempotencyRow
from app.web.services import Services

RETENTION = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Idempotency:
    """The path and key under which a request runs once, and the digest of its payload."""

    path: str
    key: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Operation:
    """A caller and the action that they ask for.

    Args:
        caller: who asks.
        action: the operation's name, for the audit.
        coverage: the slug of the coverage that it belongs to; None for the whole newsroom.
        thing: the id of the thing that it changes; None if it creates one.
        idempotency: the request's idempotency key; None if a repeated request runs again.
    """

    caller: Caller
    action: str
    coverage: str | None = None
    thing: str | None = None
    idempotency: Idempotency | None = None


UnitOfWork = Callable[[AsyncSession], Awaitable[Written]]


async def write(services: Services, operation: Operation, work: UnitOfWork) -> Written:
    """Run an action in one transaction, and send notifications after the commit.

    Args:
        services: the application's services.
        operation: the caller and the action. An idempotent request that was carried out before is
            not carried out again.
        work: the action, called with the transaction, which is rolled back if it raises.

    Returns:
        The result of this call, or of the first request with the same idempotency key.

    Raises:
        KeyReused: the idempotency key was used with another payload.
        StillRunning: the first request with this key is still running.
        NotAllowed: the first request was made in a role that the caller has lost since.
    """
    request = operation.idempotency
    if request is None:
        async with services.store.writing() as session:
            written = await _run(session, services.now(), operation, work)
    else:
        name = RequestName(operation.caller.id, request.path, request.key)
        if name in services.running:
            raise StillRunning("The first request with this Idempotency-Key is still running.")
        services.running.add(name)
        try:
            async with services.store.writing() as session:
                await lock_request(session, name)
                written = await _run_once(session, services.now(), operation, work)
        finally:
            services.running.discard(name)
    if written.events:
        await services.announce(written.events[-1].coverage, written.events[-1].seq)
    for slug in written.drafts_of:
        await services.notify_desk(slug)
    return written


async def find_written(services: Services, operation: Operation) -> Written | None:
    """Find the stored result of an idempotent request.

    For requests that do costly work before their transaction. Of two concurrent requests with one
    key, both may get None.

    Returns:
        The stored result; None if the request has no key or was not carried out yet.

    Raises:
        KeyReused: the idempotency key was used with another payload.
        NotAllowed: as for `write`.
    """
    request = operation.idempotency
    if request is None:
        return None
    name = RequestName(operation.caller.id, request.path, request.key)
    async with services.store.reading() as session:
        row = await find_request(session, name)
    return None if row is None else _repeat(row, services.now(), request.digest, operation.caller)


async def _run(
    session: AsyncSession, now: datetime, operation: Operation, work: UnitOfWork
) -> Written:
    written = await work(session)
    if written.detail is not None:
        coverage, thing = operation.coverage, operation.thing
        if written.is_new and (created := written.thing) is not None:
            coverage = coverage or created.coverage
            thing = thing or (None if created.kind == "coverage" else created.id)
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


async def _run_once(
    session: AsyncSession, now: datetime, operation: Operation, work: UnitOfWork
) -> Written:
    request, caller = operation.idempotency, operation.caller
    assert request is not None
    name = RequestName(caller.id, request.path, request.key)
    row = await find_request(session, name)
    if row is not None:
        if (previous := _repeat(row, now, request.digest, caller)) is not None:
            return previous
        await delete_request(session, name)
        session.expunge(row)
    written = await _run(session, now, operation, work)
    thing = written.thing
    new_row = IdempotencyRow(
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
        body=written.body if written.redacted_body is None else written.redacted_body,
        at=now,
    )
    await save_request(session, new_row)
    return written


def _repeat(row: IdempotencyRow, now: datetime, digest: bytes, caller: Caller) -> Written | None:
    if row.at <= now - RETENTION:
        return None
    if row.digest != digest:
        raise KeyReused("This Idempotency-Key has been used with another payload.")
    # The result for an editor may hold what a contributor may not see.
    role: Role | None = row.role  # type: ignore[assignment]
    if role is not None and not caller.may_somewhere(role):
        caller.check(role)
    kind: ThingKind | None = row.kind  # type: ignore[assignment]
    thing = None if kind is None else Thing(kind, row.thing or "", row.coverage)
    return Written(row.body, thing, row.is_new, row.version)


async def forget_written(session: AsyncSession, now: datetime) -> None:
    """Delete the idempotency keys that are older than 24 hours."""
    await delete_expired_requests(session, now - RETENTION)
