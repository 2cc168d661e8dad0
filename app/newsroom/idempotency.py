"""Idempotency keys: a request that is repeated with its key is not carried out a second time.

A client that lost the response (a cut connection, a killed server) repeats the request and gets the
same result. The result is stored in the transaction of the request, for 24 hours.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

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


async def find_written(services: Services, caller: Caller, request: Idempotency) -> Written | None:
    """Find the stored result of a request.

    For requests that do costly work before their transaction. Of two concurrent requests with one
    key, both may get None.

    Returns:
        The stored result; None if the request was not carried out yet.

    Raises:
        KeyReused: the key was used with another payload.
        NotAllowed: the first request was made in a role that the caller has lost since.
    """
    async with services.store.reading() as session:
        row = await find_request(session, RequestName(caller.id, request.path, request.key))
    return None if row is None else _repeat(row, services.now(), request.digest, caller)


async def write_once(
    services: Services,
    caller: Caller,
    request: Idempotency,
    work: Callable[[AsyncSession], Awaitable[Written]],
    *,
    is_long: bool = False,
) -> Written:
    """Carry out a request in one transaction, unless it was carried out before.

    Args:
        services: the application's services.
        caller: who asks.
        request: the request.
        work: called with the transaction.
        is_long: whether the transaction may last for seconds.

    Returns:
        The result of this call, or of the first request with the same key.

    Raises:
        KeyReused: the key was used with another payload.
        StillRunning: the first request with this key is still running.
        NotAllowed: the first request was made in a role that the caller has lost since.
    """
    name = RequestName(caller.id, request.path, request.key)
    if name in services.running:
        raise StillRunning("The first request with this Idempotency-Key is still running.")
    services.running.add(name)
    try:
        async with services.store.writing(is_long=is_long) as session:
            await lock_request(session, name)
            row = await find_request(session, name)
            if row is not None:
                previous = _repeat(row, services.now(), request.digest, caller)
                if previous is not None:
                    return previous
                await delete_request(session, name)
                session.expunge(row)
            written = await work(session)
            await save_request(session, _row(caller, request, written, services.now()))
            return written
    finally:
        services.running.discard(name)


def _row(caller: Caller, request: Idempotency, written: Written, now: datetime) -> IdempotencyRow:
    thing = written.thing
    return IdempotencyRow(
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
