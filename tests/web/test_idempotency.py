"""Promises of requests that come more than once, in both databases and by two processes."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from fastapi import Request, Response
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.audit import list_audit
from app.access.roles import Caller, NotAllowed
from app.framing.look import Look
from app.newsroom.write import KEPT_FOR, Answer, answer_once, forget_answers
from app.rooms import open_house
from app.settings import Settings
from app.store.engine import Store
from app.store.tables import AnswerRow, MediaRow
from app.timeline.errors import EmptyEntry
from app.web.house import House
from app.web.problems import InvalidQuery, KeyReused, StillRunning
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
async def house(store: Store, record_url: str, clock: Clock) -> AsyncIterator[House]:
    """The rooms of one process."""
    settings = Settings(_env_file=None, database_url=record_url)
    async with open_house(settings, Look(), clock) as opened:
        yield opened


@pytest.fixture
async def neighbour(house: House, record_url: str, clock: Clock) -> AsyncIterator[House]:
    """The rooms of another process on the same record."""
    settings = Settings(_env_file=None, database_url=record_url)
    async with open_house(settings, Look(), clock) as opened:
        yield opened


class Deed:
    """Something to be done once: it stores a row, and counts how often it was done."""

    def __init__(self) -> None:
        self.done = 0
        self.started, self.go = asyncio.Event(), asyncio.Event()
        self.go.set()

    async def __call__(self, session: AsyncSession) -> Answer:
        """Do it."""
        self.done += 1
        session.add(MediaRow(id=f"m{id(self)}-{self.done}", state="{}"))
        await session.flush()
        self.started.set()
        await self.go.wait()
        return Answer(201, b'{"done":%d}' % self.done, {"Location": f"/things/{self.done}"})


def asking(
    key: str | None = "k", payload: bytes = b"{}", path: str = "/v1/things", query: bytes = b""
) -> Request:
    """A POST of that payload."""
    headers = [(b"idempotency-key", key.encode("latin-1"))] if key is not None else []
    scope = {"type": "http", "method": "POST", "path": path, "headers": headers}
    request = Request({**scope, "query_string": query})
    request.state.payload = payload
    return request


async def rows(house: House) -> int:
    """How many rows were stored."""
    async with house.store.reading() as session:
        return (await session.exec(select(func.count()).select_from(MediaRow))).one()


def said(answer: Response) -> tuple[int, bytes, str | None]:
    """What an answer says."""
    return answer.status_code, bytes(answer.body), answer.headers.get("location")


async def test_the_same_request_is_done_once_and_answered_alike(house: House, neighbour: House):
    """By whichever process it comes the second time."""
    deed = Deed()
    first = await answer_once(asking(), house, ANN, deed)
    again = await answer_once(asking(), house, ANN, deed)
    elsewhere = await answer_once(asking(), neighbour, ANN, deed)
    assert said(first) == said(again) == said(elsewhere) == (201, b'{"done":1}', "/things/1")
    assert (deed.done, await rows(house)) == (1, 1)


async def test_another_caller_path_or_key_is_another_request(house: House):
    """And so is one without a key."""
    deed = Deed()
    await answer_once(asking(), house, ANN, deed)
    await answer_once(asking(), house, BEN, deed)
    await answer_once(asking(path="/v1/others"), house, ANN, deed)
    await answer_once(asking("another"), house, ANN, deed)
    await answer_once(asking(None), house, ANN, deed)
    await answer_once(asking(None), house, ANN, deed)
    assert deed.done == await rows(house) == 6


async def test_a_kept_answer_is_not_for_a_lesser_role(house: House):
    """Who was an editor then may not see it as a contributor; as a chief they may."""
    deed = Deed()
    first = await answer_once(asking(), house, ANN, deed)
    with pytest.raises(NotAllowed):
        await answer_once(asking(), house, replace(ANN, role="contributor"), deed)
    with pytest.raises(NotAllowed):
        await answer_once(asking(), house, replace(ANN, role=None), deed)
    again = await answer_once(asking(), house, replace(ANN, role="chief"), deed)
    elsewhere = replace(ANN, role=None, coverages={"x": "editor"})
    assert said(first) == said(again) == said(await answer_once(asking(), house, elsewhere, deed))
    assert deed.done == 1


async def test_a_deed_is_written_down_with_it_and_once(house: House):
    """Neither a repeated answer nor a deed that was undone leaves a line."""

    async def refuse(_: AsyncSession) -> Answer:
        raise EmptyEntry("There is nothing in it.")

    with pytest.raises(EmptyEntry):
        await answer_once(asking("refused"), house, ANN, refuse)
    for _ in range(2):
        await answer_once(asking(), house, ANN, Deed())
    async with house.store.reading() as session:
        (line,) = await list_audit(session, 10)
    assert (line.caller, line.name, line.action, line.thing) == (
        "key:1",
        "Ann",
        "/v1/things",
        None,
    )


async def test_another_payload_under_the_same_key_is_refused(house: House):
    """Nothing is done for it, nor for another query; the same query is the same request."""
    deed = Deed()
    await answer_once(asking(), house, ANN, deed)
    for other in asking(payload=b'{"a":1}'), asking(query=b"made=true"):
        with pytest.raises(KeyReused):
            await answer_once(other, house, ANN, deed)
    assert deed.done == 1
    for _ in range(2):
        await answer_once(asking("another", query=b"made=true"), house, ANN, deed)
    assert deed.done == 2


async def test_while_the_first_runs_the_second_is_refused(house: House):
    """In the same process at once; afterwards it is answered."""
    deed = Deed()
    deed.go.clear()
    first = asyncio.create_task(answer_once(asking(), house, ANN, deed))
    await deed.started.wait()
    with pytest.raises(StillRunning):
        await answer_once(asking(), house, ANN, deed)
    deed.go.set()
    assert said(await first) == said(await answer_once(asking(), house, ANN, deed))
    assert deed.done == 1


async def test_two_processes_do_not_do_it_both(house: House, neighbour: House):
    """The second is refused or waits for the first, as the database can."""
    deed = Deed()
    deed.go.clear()
    first = asyncio.create_task(answer_once(asking(), house, ANN, deed))
    await deed.started.wait()
    if house.store.is_sqlite:
        second = asyncio.create_task(answer_once(asking(), neighbour, ANN, deed))
        await asyncio.sleep(0.05)
        deed.go.set()
        assert said(await first) == said(await second)
    else:
        with pytest.raises(StillRunning):
            await answer_once(asking(), neighbour, ANN, deed)
        deed.go.set()
        await first
    assert deed.done == await rows(house) == 1


async def test_many_at_once_are_done_once(house: House, neighbour: House):
    """Each is answered alike or told that the first is running."""
    deed = Deed()
    houses = [house, neighbour] * 10
    answers = await asyncio.gather(
        *(answer_once(asking(), one, ANN, deed) for one in houses), return_exceptions=True
    )
    given = [said(answer) for answer in answers if isinstance(answer, Response)]
    assert set(given) == {(201, b'{"done":1}', "/things/1")}
    assert all(isinstance(answer, Response | StillRunning) for answer in answers)
    assert deed.done == await rows(house) == 1


async def test_a_refusal_is_not_kept(house: House):
    """What was wrong may be put right under the same key, and nothing of it is stored."""

    async def refuse(session: AsyncSession) -> Answer:
        await Deed()(session)
        raise EmptyEntry("nothing there")

    with pytest.raises(EmptyEntry):
        await answer_once(asking(), house, ANN, refuse)
    assert await rows(house) == 0
    deed = Deed()
    assert (await answer_once(asking(payload=b"[]"), house, ANN, deed)).status_code == 201


async def test_a_writer_that_is_cut_off_may_come_again(house: House):
    """Its key is free, and what it had begun is undone."""
    deed = Deed()
    deed.go.clear()
    first = asyncio.create_task(answer_once(asking(), house, ANN, deed))
    await deed.started.wait()
    first.cancel()
    await asyncio.wait({first})
    deed.go.set()
    assert (await answer_once(asking(), house, ANN, deed)).status_code == 201
    assert await rows(house) == 1


async def test_an_answer_is_kept_for_a_day(house: House, clock: Clock):
    """Then the key may name another request, and what is kept is forgotten."""
    deed = Deed()
    await answer_once(asking(), house, ANN, deed)
    clock.now = START + KEPT_FOR - timedelta(seconds=1)
    await answer_once(asking(), house, ANN, deed)
    assert deed.done == 1
    clock.now = START + KEPT_FOR
    answer = await answer_once(asking(payload=b"[]"), house, ANN, deed)
    assert (deed.done, bytes(answer.body)) == (2, b'{"done":2}')
    async with house.store.writing() as session:
        await forget_answers(session, clock.now + KEPT_FOR)
    async with house.store.reading() as session:
        assert (await session.exec(select(AnswerRow))).all() == []


async def test_a_secret_is_shown_once_and_not_kept(house: House):
    """What stands in for it comes the second time."""

    async def act(_session: AsyncSession) -> Answer:
        return Answer(201, b'{"key":"secret"}', kept=b'{"key":null}')

    first = await answer_once(asking(), house, ANN, act)
    again = await answer_once(asking(), house, ANN, act)
    assert (bytes(first.body), bytes(again.body)) == (b'{"key":"secret"}', b'{"key":null}')


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "a\tb", "\x00", "é", " a", "a "])
async def test_what_is_no_key_is_refused(house: House, key: str):
    """Before anything is done."""
    deed = Deed()
    with pytest.raises(InvalidQuery):
        await answer_once(asking(key), house, ANN, deed)
    assert deed.done == 0


async def test_an_answer_is_never_stored_by_caches(house: House):
    """It may hold what only its caller may see."""
    answer = await answer_once(asking(None), house, ANN, Deed())
    assert answer.headers["cache-control"] == "no-store"
