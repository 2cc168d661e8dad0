"""How the hub ends its streams, and its metrics of them."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from app.formats.wires import Wire
from app.hub.config import HubConfig
from app.timeline.cursor import Cursor
from tests.hub.harness import CHUNKED_SSE, FRAMES, SMALL_BUFFER, SSE, WIRES, Client, HubHarness

SMALL_BUFFERS = {"send_buffer": SMALL_BUFFER, "receive_buffer": SMALL_BUFFER}


@pytest.fixture
async def harness() -> AsyncIterator[HubHarness]:
    """A running hub; at the end every client closes, and the hub must have forgotten all."""
    harness = HubHarness()
    async with harness.hub.running():
        yield harness
        await harness.disconnect_all()


def check_final_message(client: Client, code: int) -> None:
    """Check that the stream is complete and ended with a `retry` time or that close code."""
    assert client.parser.is_complete
    if client.parser.code is None:
        assert 2000 <= (client.parser.retry or 0) <= 5000
    else:
        assert client.parser.code == code


async def test_a_drain_tells_everybody(harness: HubHarness):
    """A drain sends every client the published events and a final message, and nothing after it."""
    clients = [await harness.connect(wire) for wire in WIRES * 5]
    seq = harness.publish("Last words")
    await harness.settle()
    draining = asyncio.create_task(harness.hub.drain())
    for client in clients:
        assert (await client.read()).seqs == [seq]
        check_final_message(client, 1012)
    await draining
    await harness.wait_until(lambda: not harness.peers)
    assert harness.close_reasons == {"shutdown": 20}
    assert len({client.parser.retry for client in clients}) > 5, (
        "clients would all reconnect at the same time"
    )
    harness.check_no_subscribers()


async def test_a_drain_of_many_is_spread_over_its_time():
    """A drain of many streams is spread over its time: some clients get what is published then."""
    harness = HubHarness(HubConfig(drain=0.5, drain_rate=1))
    async with harness.hub.running():
        clients = [await harness.connect(CHUNKED_SSE) for _ in range(20)]
        draining = asyncio.create_task(harness.hub.drain())
        await harness.wait_until(lambda: len(harness.peers) <= 15)
        assert len(harness.peers) >= 5
        harness.publish("Meanwhile")
        for client in clients:
            await client.read()
            check_final_message(client, 1012)
        await draining
        assert {len(client.parser.events) for client in clients} == {0, 1}
        await harness.disconnect_all()


@pytest.mark.parametrize("wire", [CHUNKED_SSE, FRAMES])
async def test_who_stalls_or_has_just_left_does_not_hold_up_a_drain(wire: Wire):
    """A drain resets slow clients, skips those that have left, and ends all others properly."""
    harness = HubHarness(HubConfig(drain=0.5, drain_rate=1))
    async with harness.hub.running():
        ready = [await harness.connect(wire) for _ in range(10)]
        slow = [await harness.connect(wire, **SMALL_BUFFERS) for _ in range(6)]
        harness.publish(os.urandom(100_000).hex())
        await harness.settle()
        for client in ready:
            await client.read_to(2)
        connections = list(harness.hub.lifecycle)
        assert sum(connection.is_paused for connection in connections) == 6
        draining = asyncio.create_task(harness.hub.drain())
        await harness.wait_until(lambda: len(harness.peers) < 16)
        for connection in connections:
            if connection.is_paused and not connection.transport.is_closing():
                connection.abort()
        for client in ready:
            await client.read()
            check_final_message(client, 1012)
        await draining
        for client in slow:
            await client.read()
            assert client.was_reset
        await harness.disconnect_all()


async def test_who_comes_during_a_drain_is_sent_on(harness: HubHarness):
    """A client that connects during a drain gets a complete stream that ends at once."""
    await harness.connect(CHUNKED_SSE)
    await harness.hub.drain()
    for wire in WIRES:
        client = await harness.connect(wire)
        await client.read()
        check_final_message(client, 1012)


async def test_closing_sends_everybody_away_at_once():
    """Closing the hub without a drain ends every stream properly."""
    harness = HubHarness()
    async with harness.hub.running():
        clients = [await harness.connect(wire) for wire in WIRES]
    for client in clients:
        await client.read()
        check_final_message(client, 1012)
    await harness.disconnect_all()


@pytest.mark.parametrize("wire", WIRES)
async def test_a_journal_that_was_replaced_sends_its_readers_away(harness: HubHarness, wire: Wire):
    """A client with a new epoch ends the streams of the old one, and gets the new head."""
    old_client = await harness.connect(wire)
    harness.desk.coverage = replace(harness.desk.coverage, cursor=Cursor("e2", 1))
    new_client = await harness.connect(wire)
    await old_client.read()
    check_final_message(old_client, 1000)
    await new_client.read(lambda parser: parser.start == "e2-1")
    assert harness.topic.head == Cursor("e2", 1)


async def test_every_stream_is_counted_when_it_comes_and_when_it_goes():
    """Streams are counted by transport and close reason, resumes by outcome; no gauge stays up."""
    harness = HubHarness()
    async with harness.hub.running():
        harness.publish("One")
        leaving = await harness.connect(SSE)  # new
        await harness.settle()
        websocket = await harness.connect(FRAMES, after=0)  # resumes from the journal
        await websocket.read_to(2)
        rotated = await harness.connect(CHUNKED_SSE, after=1)  # resumes from the buffer
        await harness.connect(SSE, after=99)  # is reset
        connections = harness.metrics_by_label("dateline_connections{")
        assert sorted(connections.values()) == [1, 3]
        assert harness.metrics_by_label("dateline_resumes_total") == {
            f'dateline_resumes_total{{outcome="{outcome}"}}': 1
            for outcome in ("buffer", "current", "journal", "reset")
        }
        leaving.close()
        await harness.wait_until(lambda: harness.close_reasons["client"] == 1)
        harness.hub.lifecycle.end_overdue(asyncio.get_running_loop().time() + 601)
        await websocket.read()
        await rotated.read()
        await harness.wait_until(lambda: not harness.peers)
        closed = harness.metrics_by_label("dateline_connections_closed_total")
        assert closed == {
            'dateline_connections_closed_total{reason="client",transport="sse"}': 1,
            'dateline_connections_closed_total{reason="rotated",transport="sse"}': 2,
            'dateline_connections_closed_total{reason="rotated",transport="websocket"}': 1,
        }
        assert set(harness.metrics_by_label("dateline_connections{").values()) == {0}
        await harness.disconnect_all()
