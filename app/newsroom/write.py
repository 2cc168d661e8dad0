"""The unit of work: everything that a request changes, in one transaction, once.

The transaction also stores the audit line and, for a request with an idempotency key, the result.
Subscribers are notified after the commit and before the response is sent, so that this
process serves nothing older from then on.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.audit import record_audit
from app.access.roles import Caller
from app.newsroom.idempotency import Idempotency, write_once
from app.newsroom.written import Written
from app.web.services import Services


@dataclass(frozen=True, slots=True)
class Operation:
    """A caller and the action that they ask for.

    Args:
        caller: who asks.
        action: the operation's name, for the audit.
        coverage: the slug of the coverage that it belongs to; None for the whole newsroom.
        thing: the id of the thing that it changes; None if it creates one.
        idempotency: the request's idempotency key; None if a repeated request runs again.
        is_long: whether its transaction may last for seconds.
    """

    caller: Caller
    action: str
    coverage: str | None = None
    thing: str | None = None
    idempotency: Idempotency | None = None
    is_long: bool = False


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
    run = partial(_run, services, operation, work)
    if operation.idempotency is None:
        async with services.store.writing(is_long=operation.is_long) as session:
            written = await run(session)
    else:
        request, is_long = operation.idempotency, operation.is_long
        written = await write_once(services, operation.caller, request, run, is_long=is_long)
    for slug, seq in {event.coverage: event.seq for event in written.events}.items():
        await services.announce(slug, seq)
    for slug in written.drafts_of:
        await services.notify_desk(slug)
    return written


async def _run(
    services: Services, operation: Operation, work: UnitOfWork, session: AsyncSession
) -> Written:
    written = await work(session)
    if written.detail is not None:
        coverage, thing = operation.coverage, operation.thing
        if (written_thing := written.thing) is not None:
            coverage = coverage or written_thing.coverage
            if written.is_new and written_thing.kind != "coverage":
                thing = thing or written_thing.id
        await record_audit(
            session,
            operation.caller,
            operation.action,
            services.now(),
            coverage=coverage,
            thing=thing,
            detail=written.detail,
            often=written.often,
        )
    return written
