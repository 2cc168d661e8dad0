"""Tests of idempotent writes, in both databases and by two processes."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.audit import list_audit
from app.access.roles import Caller, NotAllowed
from app.formats.html import HtmlRenderer
from app.newsroom.idempotency import RETENTION, Idempotency, forget_written
from app.newsroom.write import Operation, write
from app.newsroom.written import Thing, Written
from app.settings import Settings
from app.store.engine import Store
from app.store.idempotency import KeyReused, StillRunning
from app.store.tables import IdempotencyRow, MediaRow
from app.timeline.errors import EmptyEntry
from app.web.services import Services
from app.wiring import open_services
from tests.strategies import START

ANN, BEN = Caller("key:1", "Ann", "editor"), Caller("key:2", "Ben", "editor")


class Clock:
    """A clock that a test sets, for both processes."""

    now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The clock of both processes."""
    return Clock()


@pytest.fixture
async def services(store: Store, record_url: str, clock: Clock) -> AsyncIterator[Services]:
    """The services of one process."""
    settings = Settings(_env_file=None, database_url=record_url)
    async with open_services(settings, HtmlRenderer(), clock) as opened:
        yield opened


@pytest.fixture
async def other_process(
    services: Services, record_url: str, clock: Clock
) -> AsyncIterator[Services]:
    """The services of another process on the same database."""
    settings = Settings(_env_file=None, database_url=record_url)
    async with open_services(settings, HtmlRenderer(), clock) as opened:
        yield opened


FIRST = Written(b'{"done":1}', Thing("media", "1"), is_new=True, version="1")


class CountedWrite:
    """A unit of work that stores a row, counts its calls and waits for `proceed`."""

    def __init__(self) -> None:
        self.done = 0
        self.started, self.proceed = asyncio.Event(), asyncio.Event()
        self.proceed.set()

    async def __call__(self, session: AsyncSession) -> Written:
        """Store a row, count the call and wait for `proceed`."""
        self.done += 1
        session.add(MediaRow(id=f"m{id(self)}-{self.done}", state="{}"))
        await session.flush()
        self.started.set()
        await self.proceed.wait()
        thing = Thing("media", str(self.done))
        return Written(b'{"done":%d}' % self.done, thing, is_new=True, version="1")


def operation(
    key: str | None = "k",
    payload: bytes = b"{}",
    path: str = "/v1/things",
    caller: Caller = ANN,
) -> Operation:
    """Return an operation of a caller under an idempotency key; None is without a key."""
    idempotency = None if key is None else Idempotency(path, key, payload)
    return Operation(caller, "makeThing", idempotency=idempotency)


async def count_rows(services: Services) -> int:
    """Return the number of stored rows."""
    async with services.store.reading() as session:
        return (await session.exec(select(func.count()).select_from(MediaRow))).one()


async def test_the_same_request_is_done_once_and_answered_alike(
    services: Services, other_process: Services
):
    """A repeated request is executed once and answered alike, by either process."""
    work = CountedWrite()
    first = await write(services, operation(), work)
    repeated = await write(services, operation(), work)
    elsewhere = await write(other_process, operation(), work)
    assert first == repeated == elsewhere == FIRST
    assert (work.done, await count_rows(services)) == (1, 1)


async def test_another_caller_path_or_key_is_another_request(services: Services):
    """Another caller, path or key is another request, and so is each one without a key."""
    work = CountedWrite()
    await write(services, operation(), work)
    await write(services, operation(caller=BEN), work)
    await write(services, operation(path="/v1/others"), work)
    await write(services, operation("another"), work)
    await write(services, operation(None), work)
    await write(services, operation(None), work)
    assert work.done == await count_rows(services) == 6


async def test_a_kept_answer_is_not_for_a_lesser_role(services: Services):
    """A stored response is refused to a caller whose role is now lower than at the time."""
    work = CountedWrite()
    first = await write(services, operation(), work)
    with pytest.raises(NotAllowed):
        await write(services, operation(caller=replace(ANN, role="contributor")), work)
    with pytest.raises(NotAllowed):
        await write(services, operation(caller=replace(ANN, role=None)), work)
    repeated = await write(services, operation(caller=replace(ANN, role="chief")), work)
    elsewhere = replace(ANN, role=None, coverages={"x": "editor"})
    assert first == repeated == await write(services, operation(caller=elsewhere), work)
    assert work.done == 1


async def test_a_deed_is_written_down_with_it_and_once(services: Services):
    """An action is in the audit log once: not for a repeated request, and not when it failed."""

    async def refuse(_: AsyncSession) -> Written:
        raise EmptyEntry("There is nothing in it.")

    with pytest.raises(EmptyEntry):
        await write(services, operation("refused"), refuse)
    for _ in range(2):
        await write(services, operation(), CountedWrite())
    async with services.store.reading() as session:
        (entry,) = await list_audit(session, 10)
    assert (entry.caller, entry.name, entry.action, entry.thing) == (
        "key:1",
        "Ann",
        "makeThing",
        "1",
    )


async def test_another_payload_under_the_same_key_is_refused(services: Services):
    """Another body under the same key is refused, and nothing is executed."""
    work = CountedWrite()
    await write(services, operation(), work)
    with pytest.raises(KeyReused):
        await write(services, operation(payload=b'{"a":1}'), work)
    assert work.done == 1


async def test_while_the_first_runs_the_second_is_refused(services: Services):
    """A repeated request is refused while the first is running, and answered afterwards."""
    work = CountedWrite()
    work.proceed.clear()
    first = asyncio.create_task(write(services, operation(), work))
    await work.started.wait()
    with pytest.raises(StillRunning):
        await write(services, operation(), work)
    work.proceed.set()
    assert await first == await write(services, operation(), work)
    assert work.done == 1


async def test_two_processes_do_not_do_it_both(services: Services, other_process: Services):
    """Concurrent requests at two processes execute once.

    On SQLite the second waits for the first; on PostgreSQL it is refused.
    """
    work = CountedWrite()
    work.proceed.clear()
    first = asyncio.create_task(write(services, operation(), work))
    await work.started.wait()
    if services.store.is_sqlite:
        second = asyncio.create_task(write(other_process, operation(), work))
        await asyncio.sleep(0.05)
        work.proceed.set()
        assert await first == await second
    else:
        with pytest.raises(StillRunning):
            await write(other_process, operation(), work)
        work.proceed.set()
        await first
    assert work.done == await count_rows(services) == 1


async def test_many_at_once_are_done_once(services: Services, other_process: Services):
    """Of many concurrent requests one executes; the others get its response or are refused."""
    work = CountedWrite()
    processes = [services, other_process] * 10
    answers = await asyncio.gather(
        *(write(process, operation(), work) for process in processes), return_exceptions=True
    )
    successes = [answer for answer in answers if isinstance(answer, Written)]
    assert successes
    assert all(written == FIRST for written in successes)
    assert all(isinstance(answer, Written | StillRunning) for answer in answers)
    assert work.done == await count_rows(services) == 1


async def test_a_refusal_is_not_kept(services: Services):
    """A failed request is not stored: the key may be used again with another body."""

    async def refuse(session: AsyncSession) -> Written:
        await CountedWrite()(session)
        raise EmptyEntry("nothing there")

    with pytest.raises(EmptyEntry):
        await write(services, operation(), refuse)
    assert await count_rows(services) == 0
    work = CountedWrite()
    assert (await write(services, operation(payload=b"[]"), work)) == FIRST


async def test_a_writer_that_is_cut_off_may_come_again(services: Services):
    """A cancelled request is rolled back and leaves its key free."""
    work = CountedWrite()
    work.proceed.clear()
    first = asyncio.create_task(write(services, operation(), work))
    await work.started.wait()
    first.cancel()
    await asyncio.wait({first})
    work.proceed.set()
    assert (await write(services, operation(), work)).is_new
    assert await count_rows(services) == 1


async def test_an_answer_is_kept_for_a_day(services: Services, clock: Clock):
    """A response is stored for a day; then the key may name another request.

    The stored response is deleted.
    """
    work = CountedWrite()
    await write(services, operation(), work)
    clock.now = START + RETENTION - timedelta(seconds=1)
    await write(services, operation(), work)
    assert work.done == 1
    clock.now = START + RETENTION
    answer = await write(services, operation(payload=b"[]"), work)
    assert (work.done, answer.body) == (2, b'{"done":2}')
    async with services.store.writing() as session:
        await forget_written(session, clock.now + RETENTION)
    async with services.store.reading() as session:
        assert (await session.exec(select(IdempotencyRow))).all() == []


async def test_a_secret_is_shown_once_and_not_kept(services: Services):
    """A secret is in the first response only; a repeated request gets the redacted body."""

    async def act(_session: AsyncSession) -> Written:
        return Written(b'{"key":"secret"}', redacted_body=b'{"key":null}')

    first = await write(services, operation(), act)
    repeated = await write(services, operation(), act)
    assert (first.body, repeated.body) == (b'{"key":"secret"}', b'{"key":null}')
