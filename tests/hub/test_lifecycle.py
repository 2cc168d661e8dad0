"""Promises of the end of the streams that the hub writes itself, and of their figures."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from app.formats.wires import Wire
from app.hub.config import HubConfig
from app.timeline.cursor import Cursor
from tests.hub.exchange import CHUNKS, FRAMES, SMALL, SSE, WIRES, Client, Exchange

NARROW = {"sends": SMALL, "receives": SMALL}


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    """A hub that runs, at the end of which everybody leaves and nobody is left behind."""
    found = Exchange()
    async with found.hub.running():
        yield found
        await found.empty()


def check_farewell(client: Client, code: int) -> None:
    """The stream was whole, and its client knows when to come back."""
    assert client.ear.is_whole
    if client.ear.code is None:
        assert 2000 <= (client.ear.retry or 0) <= 5000
    else:
        assert client.ear.code == code


async def test_a_drain_tells_everybody(exchange: Exchange):
    """Each has what was published before, its farewell, and nothing behind that."""
    clients = [await exchange.connect(wire) for wire in WIRES * 5]
    seq = exchange.publish("Last words")
    await exchange.settle()
    draining = asyncio.create_task(exchange.hub.drain())
    for client in clients:
        assert (await client.read()).seqs == [seq]
        check_farewell(client, 1012)
    await draining
    await exchange.until(lambda: not exchange.peers)
    assert exchange.ended == {"shutdown": 20}
    assert len({client.ear.retry for client in clients}) > 5, "all would come back at once"
    exchange.check_empty()


async def test_a_drain_of_many_is_spread_over_its_time():
    """Some are gone while others still hear what is published."""
    exchange = Exchange(HubConfig(drain=0.5, drain_rate=1))
    async with exchange.hub.running():
        clients = [await exchange.connect(CHUNKS) for _ in range(20)]
        draining = asyncio.create_task(exchange.hub.drain())
        await exchange.until(lambda: len(exchange.peers) <= 15)
        assert len(exchange.peers) >= 5
        exchange.publish("Meanwhile")
        for client in clients:
            await client.read()
            check_farewell(client, 1012)
        await draining
        assert {len(client.ear.events) for client in clients} == {0, 1}
        await exchange.empty()


@pytest.mark.parametrize("wire", [CHUNKS, FRAMES])
async def test_who_stalls_or_has_just_left_does_not_hold_up_a_drain(wire: Wire):
    """A slow one is cut, a lost one passed over, and everybody behind them is told."""
    exchange = Exchange(HubConfig(drain=0.5, drain_rate=1))
    async with exchange.hub.running():
        ready = [await exchange.connect(wire) for _ in range(10)]
        slow = [await exchange.connect(wire, **NARROW) for _ in range(6)]
        exchange.publish(os.urandom(100_000).hex())
        await exchange.settle()
        for client in ready:
            await client.read_to(2)
        ends = list(exchange.hub.lifecycle)
        assert sum(end.is_paused for end in ends) == 6
        draining = asyncio.create_task(exchange.hub.drain())
        await exchange.until(lambda: len(exchange.peers) < 16)
        for end in ends:
            if end.is_paused and not end.transport.is_closing():
                end.abort()
        for client in ready:
            await client.read()
            check_farewell(client, 1012)
        await draining
        for client in slow:
            await client.read()
            assert client.was_reset
        await exchange.empty()


async def test_who_comes_during_a_drain_is_sent_on(exchange: Exchange):
    """With a whole answer, so that it comes back elsewhere."""
    await exchange.connect(CHUNKS)
    await exchange.hub.drain()
    for wire in WIRES:
        client = await exchange.connect(wire)
        await client.read()
        check_farewell(client, 1012)


async def test_closing_sends_everybody_away_at_once():
    """Where nobody said that there is time."""
    exchange = Exchange()
    async with exchange.hub.running():
        clients = [await exchange.connect(wire) for wire in WIRES]
    for client in clients:
        await client.read()
        check_farewell(client, 1012)
    await exchange.empty()


@pytest.mark.parametrize("wire", WIRES)
async def test_a_journal_that_was_replaced_sends_its_readers_away(exchange: Exchange, wire: Wire):
    """Those who come with the new head; the others come back, and are reset by their cursor."""
    old = await exchange.connect(wire)
    exchange.desk.coverage = replace(exchange.desk.coverage, cursor=Cursor("e2", 1))
    new = await exchange.connect(wire)
    await old.read()
    check_farewell(old, 1000)
    await new.read(lambda ear: ear.start == "e2-1")
    assert exchange.topic.head == Cursor("e2", 1)


async def test_every_stream_is_counted_when_it_comes_and_when_it_goes():
    """By transport and reason; resumes by outcome; nothing stays open."""
    exchange = Exchange(HubConfig(stall=0.1))
    async with exchange.hub.running():
        exchange.publish("One")
        leaving = await exchange.connect(SSE)  # new
        await exchange.settle()
        talker = await exchange.connect(FRAMES, after=0)  # from the journal
        await talker.read_to(2)
        rotated = await exchange.connect(CHUNKS, after=1)  # from the ring
        await exchange.connect(SSE, after=99)  # reset
        figures = exchange.figures("dateline_connections{")
        assert sorted(figures.values()) == [1, 3]
        assert exchange.figures("dateline_resumes_total") == {
            f'dateline_resumes_total{{outcome="{outcome}"}}': 1
            for outcome in ("buffer", "current", "journal", "reset")
        }
        leaving.close()
        await exchange.until(lambda: exchange.ended["client"] == 1)
        exchange.hub.lifecycle.end_overdue(asyncio.get_running_loop().time() + 601)
        await talker.read()
        await rotated.read()
        await exchange.until(lambda: not exchange.peers)
        closed = exchange.figures("dateline_connections_closed_total")
        assert closed == {
            'dateline_connections_closed_total{reason="client",transport="sse"}': 1,
            'dateline_connections_closed_total{reason="rotated",transport="sse"}': 2,
            'dateline_connections_closed_total{reason="rotated",transport="websocket"}': 1,
        }
        assert set(exchange.figures("dateline_connections{").values()) == {0}
        await exchange.empty()
