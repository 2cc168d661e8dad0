"""Figures that are kept in memory are never seen: a reader gets what a server without them gives.

Two applications on one database stand for two processes. No broker connects them, so neither hears
of what the other one writes, except by its polls; and tests write to the database itself, of which
nobody hears. That is the worst that can happen to a notification.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel.ext.asyncio.session import AsyncSession

from app.hub.figure_tables import FigureTables
from app.main import create_app, open_html_renderer
from app.settings import Settings
from app.store.coverages import find_coverage
from app.store.engine import Store
from app.store.statements import read_observations
from app.timeline.claim import Source
from app.timeline.coverage import Coverage
from app.timeline.figure import Figure
from app.timeline.figure_table import FigureTable
from app.web.services import Services
from tests.reader.newsroom_app import ask
from tests.record import Record, retract_one
from tests.strategies import Action, statement_actions

_MOST_HELD = 2  # transactions at once
_LONGEST = 3  # observations of a series: short, so that few make a long series
_PATHS = ("/coverages/{}", "/coverages/{}?lite=true", "/coverages/{}/figures")
_ADDRESSES = (*_PATHS, "/v1/coverages/{}/figures")
_A_YEAR = 365 * 86_400_000  # milliseconds

_PROCESSES = st.sampled_from([0, 1])
_HEADS = st.fixed_dictionaries(
    {}, optional={"language": st.sampled_from(["en", "ru"]), "title": st.just("Two")}
)
_CHANGES = st.builds(
    Action, deed=st.just("change"), head=_HEADS, late=st.sampled_from([0, _A_YEAR])
)
# A process that has heard of the last event keeps what it reads.
_READS = st.tuples(_PROCESSES, st.sampled_from(_ADDRESSES), st.sampled_from([True, True, False]))
_WRITES = st.one_of(statement_actions(), statement_actions(), _CHANGES)
# Each write is followed by a read; now and then a transaction begins, and reads at the end.
_STEPS = st.tuples(_WRITES, _READS, st.sampled_from([True, *[False] * 7]))
_shared_store = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=settings.default.max_examples // 5,  # each example writes a coverage of its own
)


@pytest.fixture(scope="module")
def frontend() -> Any:
    """The renderer and the assets, which the applications share."""
    return open_html_renderer(Settings())


@pytest.fixture
async def apps(store: Store, record_url: str, frontend: Any) -> AsyncIterator[list[FastAPI]]:
    """Two applications that keep figures, and a third that never does, on the store's database."""
    del store  # which empties the database
    async with AsyncExitStack() as opened:
        apps = [create_app(Settings(database_url=record_url), frontend=frontend) for _ in range(3)]
        for app, capacity in zip(apps, (10**7, 10**7, 0), strict=True):
            await opened.enter_async_context(app.router.lifespan_context(app))
            services: Services = app.state.services
            tables = FigureTables(services.hub.follower, capacity, _LONGEST)
            app.state.services = replace(services, figure_tables=tables)
        yield apps


def _killed(number: int) -> dict[str, object]:
    return {"figures": (Figure("killed", Source("Ministry"), low=number, high=number),)}


async def _hear(app: FastAPI, record: Record) -> None:
    """Let a process follow the journal up to its head."""
    follower = app.state.services.hub.follower
    follower.notify(record.slug, record.desk.coverage.cursor.seq)
    await follower.follow(record.slug, record.desk.coverage.cursor)


async def _check_page(apps: list[FastAPI], process: int, address: str) -> None:
    kept = await ask(apps[process], address)
    assert kept == await ask(apps[2], address)
    assert kept[0] in {200, 404}


Held = tuple[FastAPI, AsyncSession, Coverage]


async def _check_held(app: FastAPI, session: AsyncSession, coverage: Coverage) -> None:
    """Check that a transaction sees the figures that stood when it began."""
    table = await app.state.services.figure_tables.read(session, coverage)
    anew = await read_observations(session, coverage.slug, last=_LONGEST)
    assert table.series == FigureTable.arrange(anew, _LONGEST).series


@_shared_store
@given(st.lists(_STEPS, min_size=8, max_size=16))
async def test_pages_are_those_of_a_server_that_keeps_nothing(
    store: Store, apps: list[FastAPI], steps: list[Any]
) -> None:
    """Whatever is written, heard and read in whichever order, each page is that of a fresh server.

    Byte for byte, on both databases: the page, the one in words, the section and the ledger.
    """
    record = await Record(store).open()
    await record.act_all(
        Action("publish", fields={"headline": "One", **_killed(n)}) for n in range(_LONGEST + 2)
    )  # type: ignore[arg-type]
    held: list[Held] = []
    async with AsyncExitStack() as opened:
        for write, (process, address, has_heard), holds in steps:
            app = apps[process]
            if holds and len(held) < _MOST_HELD:
                session = await opened.enter_async_context(app.state.services.store.reading())
                held.append((app, session, await find_coverage(session, record.slug)))
            if has_heard:
                await _hear(app, record)
            await _check_page(apps, process, address.format(record.slug))
            await record.act_all([write])
            await _check_page(apps, process, address.format(record.slug))
        await asyncio.gather(*(_check_held(*each) for each in held))
    for process, address in product((0, 1), _ADDRESSES):
        await _check_page(apps, process, address.format(record.slug))


_TURNS = {
    "a correction": Action("correct", 1, fields=_killed(7)),  # type: ignore[arg-type]
    "an amendment that removes": Action("amend", 2, fields={"figures": ()}),
    "an assessment": Action("assess", 1, target=0),
    "another language": Action("change", head={"language": "ru"}),
    "another year": Action("change", head={"title": "Two"}, late=_A_YEAR),
}


@pytest.mark.parametrize("turn", _TURNS.values(), ids=_TURNS)
async def test_what_is_kept_follows_each_kind_of_change(
    store: Store, apps: list[FastAPI], turn: Action
) -> None:
    """After a change of a number, its entry, the language or the year, each page is a fresh one."""
    record = await Record(store).open()
    await record.act_all(
        Action("publish", fields={"headline": "One", **_killed(n)}) for n in range(3)
    )  # type: ignore[arg-type]
    await _hear(apps[0], record)
    addresses = [address.format(record.slug) for address in _ADDRESSES]
    before = [(await ask(apps[0], address))[2] for address in addresses]
    assert record.slug in apps[0].state.services.figure_tables
    await record.act_all([turn])
    for address, body in zip(addresses, before, strict=True):
        await _check_page(apps, 0, address)
        assert (await ask(apps[0], address))[2] != body


async def test_a_number_that_another_process_retracts_is_gone(
    store: Store, apps: list[FastAPI]
) -> None:
    """Nothing that is read after a retraction has the number, though no process heard of it."""
    record = await Record(store).open()
    await record.publish("104", **_killed(104))
    wrong = await record.publish("Wrong", **_killed(610_754_321))
    for app in apps[:2]:
        await _hear(app, record)
        for address in _ADDRESSES:
            body = (await ask(app, address.format(record.slug)))[2].decode()
            assert "610,754,321" in body or "610754321" in body
        assert record.slug in app.state.services.figure_tables
    await retract_one(store, record.slug, wrong.id)
    for app in apps[:2]:
        for address in _ADDRESSES:
            body = (await ask(app, address.format(record.slug)))[2].decode()
            assert "104" in body
            assert "610,754,321" not in body
            assert "610754321" not in body


async def test_a_retraction_empties_the_memory_of_every_process(
    store: Store, apps: list[FastAPI]
) -> None:
    """Retracted numbers do not stay in memory, even if nobody asks for the figures again."""
    record = await Record(store).open()
    wrong = await record.publish("Wrong", **_killed(610_754_321))
    for app in apps[:2]:
        await _hear(app, record)
        await ask(app, f"/coverages/{record.slug}")
        assert record.slug in app.state.services.figure_tables
    await retract_one(store, record.slug, wrong.id)
    async with asyncio.timeout(60):
        for app in apps[:2]:
            tables = app.state.services.figure_tables
            while record.slug in tables:  # noqa: ASYNC110  a poll has no event to wait for
                await asyncio.sleep(0.01)


async def test_a_reading_that_was_overtaken_is_not_kept(store: Store, apps: list[FastAPI]) -> None:
    """A transaction that began before a retraction leaves nothing of what it read in memory."""
    record = await Record(store).open()
    wrong = await record.publish("Wrong", **_killed(610_754_321))
    app = apps[0]
    await _hear(app, record)
    tables = app.state.services.figure_tables
    async with app.state.services.store.reading() as session:
        coverage = await find_coverage(session, record.slug)
        await record.retract(wrong)
        await _hear(app, record)
        (shown,) = (await tables.read(session, coverage)).series
        assert shown[0].figure.low == 610_754_321
    assert record.slug not in tables


async def test_the_section_says_up_to_which_event_it_is(store: Store, apps: list[FastAPI]) -> None:
    """The section of an open page names the last event, also when that changed no figure."""
    record = await Record(store).open()
    await record.publish("104", **_killed(104))
    for headline in ("One", "Two"):
        await _hear(apps[0], record)
        for address in _PATHS:
            _, _, body = await ask(apps[0], address.format(record.slug))
            assert f'data-seq="{record.desk.coverage.cursor.seq}"' in body.decode()
        await record.publish(headline)


async def test_the_memory_of_figures_is_bounded(store: Store, apps: list[FastAPI]) -> None:
    """Beyond the capacity, the coverage that was read first is dropped."""
    services = apps[0].state.services
    tables = FigureTables(services.hub.follower, 50_000)
    records = [await Record(store).open() for _ in range(3)]
    for record in records:
        await record.publish("104", **_killed(104))
        await _hear(apps[0], record)
        async with services.store.reading() as session:
            await tables.read(session, await find_coverage(session, record.slug))
    assert [record.slug in tables for record in records] == [False, True, True]
