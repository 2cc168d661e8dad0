"""Promises of requests that come more than once, in both databases and by two processes."""

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
    """A time that a test sets."""

    now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The time of both processes."""
    return Clock()


@pytest.fixture
async def services(store: Store, record_url: str, clock: Clock) -> AsyncIterator[Services]:
    """The rooms of one process."""
    settings = Settings(_env_file=None, database_url=record_url)
    async with open_services(settings, HtmlRenderer(), clock) as opened:
        yield opened


@pytest.fixture
async def neighbour(services: Services, record_url: str, clock: Clock) -> AsyncIterator[Services]:
    """The rooms of another process on the same record."""
    settings = Settings(_env_file=None, database_url=record_url)
    async with open_services(settings, HtmlRenderer(), clock) as opened:
        yield opened


FIRST = Written(b'{"done":1}', Thing("media", "1"), is_new=True, version="1")


class Deed:
    """Something to be done once: it stores a row, and counts how often it was done."""

    def __init__(self) -> None:
        self.done = 0
        self.started, self.go = asyncio.Event(), asyncio.Event()
        self.go.set()

    async def __call__(self, session: AsyncSession) -> Written:
        """Do it."""
        self.done += 1
        session.add(MediaRow(id=f"m{id(self)}-{self.done}", state="{}"))
        await session.flush()
        self.started.set()
        await self.go.wait()
        thing = Thing("media", str(self.done))
        return Written(b'{"done":%d}' % self.done, thing, is_new=True, version="1")


def asking(
    key: str | None = "k",
    payload: bytes = b"{}",
    path: str = "/v1/things",
    caller: Caller = ANN,
) -> Operation:
    """Something that a caller asks for by a key and a payload."""
    name = None if key is None else Idempotency(path, key, payload)
    return Operation(caller, "makeThing", idempotency=name)


async def rows(services: Services) -> int:
    """How many rows were stored."""
    async with services.store.reading() as session:
        return (await session.exec(select(func.count()).select_from(MediaRow))).one()


async def test_the_same_request_is_done_once_and_answered_alike(
    services: Services, neighbour: Services
):
    """By whichever process it comes the second time."""
    deed = Deed()
    first = await write(services, asking(), deed)
    again = await write(services, asking(), deed)
    elsewhere = await write(neighbour, asking(), deed)
    assert first == again == elsewhere == FIRST
    assert (deed.done, await rows(services)) == (1, 1)


async def test_another_caller_path_or_key_is_another_request(services: Services):
    """And so is one without a key."""
    deed = Deed()
    await write(services, asking(), deed)
    await write(services, asking(caller=BEN), deed)
    await write(services, asking(path="/v1/others"), deed)
    await write(services, asking("another"), deed)
    await write(services, asking(None), deed)
    await write(services, asking(None), deed)
    assert deed.done == await rows(services) == 6


async def test_a_kept_answer_is_not_for_a_lesser_role(services: Services):
    """Who was an editor then may not see it as a contributor; as a chief they may."""
    deed = Deed()
    first = await write(services, asking(), deed)
    with pytest.raises(NotAllowed):
        await write(services, asking(caller=replace(ANN, role="contributor")), deed)
    with pytest.raises(NotAllowed):
        await write(services, asking(caller=replace(ANN, role=None)), deed)
    again = await write(services, asking(caller=replace(ANN, role="chief")), deed)
    elsewhere = replace(ANN, role=None, coverages={"x": "editor"})
    assert first == again == await write(services, asking(caller=elsewhere), deed)
    assert deed.done == 1


async def test_a_deed_is_written_down_with_it_and_once(services: Services):
    """Neither a repeated answer nor a deed that was undone leaves a line."""

    async def refuse(_: AsyncSession) -> Written:
        raise EmptyEntry("There is nothing in it.")

    with pytest.raises(EmptyEntry):
        await write(services, asking("refused"), refuse)
    for _ in range(2):
        await write(services, asking(), Deed())
    async with services.store.reading() as session:
        (line,) = await list_audit(session, 10)
    assert (line.caller, line.name, line.action, line.thing) == (
        "key:1",
        "Ann",
        "makeThing",
        "1",
    )


async def test_another_payload_under_the_same_key_is_refused(services: Services):
    """Nothing is done for it."""
    deed = Deed()
    await write(services, asking(), deed)
    with pytest.raises(KeyReused):
        await write(services, asking(payload=b'{"a":1}'), deed)
    assert deed.done == 1


async def test_while_the_first_runs_the_second_is_refused(services: Services):
    """In the same process at once; afterwards it is answered."""
    deed = Deed()
    deed.go.clear()
    first = asyncio.create_task(write(services, asking(), deed))
    await deed.started.wait()
    with pytest.raises(StillRunning):
        await write(services, asking(), deed)
    deed.go.set()
    assert await first == await write(services, asking(), deed)
    assert deed.done == 1


async def test_two_processes_do_not_do_it_both(services: Services, neighbour: Services):
    """The second is refused or waits for the first, as the database can."""
    deed = Deed()
    deed.go.clear()
    first = asyncio.create_task(write(services, asking(), deed))
    await deed.started.wait()
    if services.store.is_sqlite:
        second = asyncio.create_task(write(neighbour, asking(), deed))
        await asyncio.sleep(0.05)
        deed.go.set()
        assert await first == await second
    else:
        with pytest.raises(StillRunning):
            await write(neighbour, asking(), deed)
        deed.go.set()
        await first
    assert deed.done == await rows(services) == 1


async def test_many_at_once_are_done_once(services: Services, neighbour: Services):
    """Each is answered alike or told that the first is running."""
    deed = Deed()
    houses = [services, neighbour] * 10
    answers = await asyncio.gather(
        *(write(one, asking(), deed) for one in houses), return_exceptions=True
    )
    given = [answer for answer in answers if isinstance(answer, Written)]
    assert given
    assert all(written == FIRST for written in given)
    assert all(isinstance(answer, Written | StillRunning) for answer in answers)
    assert deed.done == await rows(services) == 1


async def test_a_refusal_is_not_kept(services: Services):
    """What was wrong may be put right under the same key, and nothing of it is stored."""

    async def refuse(session: AsyncSession) -> Written:
        await Deed()(session)
        raise EmptyEntry("nothing there")

    with pytest.raises(EmptyEntry):
        await write(services, asking(), refuse)
    assert await rows(services) == 0
    deed = Deed()
    assert (await write(services, asking(payload=b"[]"), deed)) == FIRST


async def test_a_writer_that_is_cut_off_may_come_again(services: Services):
    """Its key is free, and what it had begun is undone."""
    deed = Deed()
    deed.go.clear()
    first = asyncio.create_task(write(services, asking(), deed))
    await deed.started.wait()
    first.cancel()
    await asyncio.wait({first})
    deed.go.set()
    assert (await write(services, asking(), deed)).is_new
    assert await rows(services) == 1


async def test_an_answer_is_kept_for_a_day(services: Services, clock: Clock):
    """Then the key may name another request, and what is kept is forgotten."""
    deed = Deed()
    await write(services, asking(), deed)
    clock.now = START + RETENTION - timedelta(seconds=1)
    await write(services, asking(), deed)
    assert deed.done == 1
    clock.now = START + RETENTION
    answer = await write(services, asking(payload=b"[]"), deed)
    assert (deed.done, answer.body) == (2, b'{"done":2}')
    async with services.store.writing() as session:
        await forget_written(session, clock.now + RETENTION)
    async with services.store.reading() as session:
        assert (await session.exec(select(IdempotencyRow))).all() == []


async def test_a_secret_is_shown_once_and_not_kept(services: Services):
    """What stands in for it comes the second time."""

    async def act(_session: AsyncSession) -> Written:
        return Written(b'{"key":"secret"}', redacted_body=b'{"key":null}')

    first = await write(services, asking(), act)
    again = await write(services, asking(), act)
    assert (first.body, again.body) == (b'{"key":"secret"}', b'{"key":null}')
