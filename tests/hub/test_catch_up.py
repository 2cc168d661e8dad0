"""Promises of streams that are behind the buffer, and are brought up from the journal."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.formats.wires import Wire
from app.hub.config import HubConfig
from tests.hub.exchange import CHUNKS, FRAMES, SMALL, SSE, WIRES, Exchange

NARROW = {"sends": SMALL, "receives": SMALL}


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    """A hub that runs, at the end of which everybody leaves and nobody is left behind."""
    found = Exchange()
    async with found.hub.running():
        yield found
        await found.empty()


@pytest.mark.full("the other loop and wire", but=["uvloop-Wire.SSE_JSON"])
@pytest.mark.parametrize("wire", [SSE, FRAMES])
async def test_hundreds_who_come_back_at_once_cost_a_handful_of_readings(
    exchange: Exchange, wire: Wire
):
    """The ring is filled once for all of them."""
    for number in range(299):
        exchange.desk.publish(f"{number}")
    clients = [await exchange.connect(wire, after=after) for after in range(300)]
    for after, client in enumerate(clients):
        assert await client.read_to(300) == list(range(after + 1, 301))
    assert exchange.readings <= 6
    figures = exchange.figures("dateline_journal_readings_total")
    assert figures == {"dateline_journal_readings_total": exchange.readings}


async def test_who_is_further_behind_than_the_buffer_is_brought_up_in_pages():
    """From the journal until the buffer reaches back to it, also while new events come."""
    exchange = Exchange(HubConfig(buffer_events=10, replay_page=7))

    async def news() -> None:
        if exchange.readings % 3 == 0 and exchange.head.seq < 120:
            exchange.publish("Meanwhile")

    for number in range(99):
        exchange.desk.publish(f"{number}")
    exchange.after_reading = news
    async with exchange.hub.running():
        clients = [await exchange.connect(SSE, after=after) for after in (0, 50, 95)]
        for client, after in zip(clients, (0, 50, 95), strict=True):
            await exchange.settle()
            head = exchange.head.seq
            assert await client.read_to(head) == list(range(after + 1, head + 1))
        await exchange.empty()


async def test_a_retraction_during_the_reading_back_leaves_no_word(exchange: Exchange):
    """The page that was read before it is read again."""
    entries = [exchange.desk.publish(f"word-{number}.") for number in range(20)]
    went_on = asyncio.Event()

    async def retract_once() -> None:
        if went_on.is_set():
            return
        went_on.set()
        exchange.desk.retract(entries[7])
        exchange.ring()
        await exchange.until(lambda: exchange.topic.head.seq == 22)

    first = await exchange.connect(SSE)
    await exchange.settle()
    exchange.after_reading = retract_once
    second = await exchange.connect(SSE, after=0)
    assert await first.read_to(22) == [22]
    assert await second.read_to(22) == list(range(1, 23))
    assert went_on.is_set()
    told = [str(event) for event in second.ear.events]
    assert not [text for text in told if "word-7." in text]
    assert len([text for text in told if "word-6." in text]) == 1


async def test_a_journal_that_cannot_be_read_sends_only_those_who_need_it_away(
    exchange: Exchange, caplog
):
    """They come back with their cursor; the others go on."""
    for number in range(5):
        exchange.desk.publish(f"{number}")
    live = await exchange.connect(CHUNKS)
    await exchange.settle()

    async def fail() -> None:
        raise RuntimeError("the database is away")

    exchange.before_reading = fail
    behind = [await exchange.connect(wire, after=1) for wire in WIRES]
    for client in behind:
        await client.read()
        assert client.ear.is_whole
        assert client.ear.code in {None, 1013}
    await exchange.until(lambda: exchange.ended == {"error": 4})
    exchange.before_reading = None
    seq = exchange.publish("On")
    assert await live.read_to(seq) == [seq]
    assert "cannot be read" in caplog.text


async def test_who_leaves_while_the_journal_is_read_is_forgotten(exchange: Exchange):
    """And takes the reading from nobody."""
    for number in range(5):
        exchange.desk.publish(f"{number}")
    gate = asyncio.Event()

    async def wait() -> None:
        await gate.wait()

    exchange.before_reading = wait
    leaving, staying = [await exchange.connect(SSE, after=0) for _ in range(2)]
    await exchange.until(lambda: len(exchange.hub._shared.catch_up) == 2)
    leaving.close()
    await exchange.until(lambda: len(exchange.peers) == len(exchange.hub._shared.catch_up) == 1)
    gate.set()
    assert await staying.read_to(6) == list(range(1, 7))
