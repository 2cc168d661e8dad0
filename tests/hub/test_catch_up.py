"""Connections that are behind the topic's buffer, and are caught up from the journal."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.formats.wires import Wire
from app.hub.config import HubConfig
from tests.hub.harness import CHUNKED_SSE, FRAMES, SMALL_BUFFER, SSE, WIRES, HubHarness

SMALL_BUFFERS = {"send_buffer": SMALL_BUFFER, "receive_buffer": SMALL_BUFFER}


@pytest.fixture
async def harness() -> AsyncIterator[HubHarness]:
    """A running hub; at the end every client closes, and the hub must have forgotten all."""
    harness = HubHarness()
    async with harness.hub.running():
        yield harness
        await harness.disconnect_all()


@pytest.mark.full("the other loop and wire", but=["uvloop-Wire.SSE_JSON"])
@pytest.mark.parametrize("wire", [SSE, FRAMES])
async def test_hundreds_who_come_back_at_once_cost_a_handful_of_readings(
    harness: HubHarness, wire: Wire
):
    """300 clients that resume at once cost at most 6 readings: they share one backfill."""
    for number in range(299):
        harness.desk.publish(f"{number}")
    clients = [await harness.connect(wire, after=after) for after in range(300)]
    for after, client in enumerate(clients):
        assert await client.read_to(300) == list(range(after + 1, 301))
    assert harness.readings <= 6
    readings = harness.metrics_by_label("dateline_journal_readings_total")
    assert readings == {"dateline_journal_readings_total": harness.readings}


async def test_who_is_further_behind_than_the_buffer_is_brought_up_in_pages():
    """A connection behind the buffer is sent pages of the journal while events are published."""
    harness = HubHarness(HubConfig(buffer_events=10, replay_page=7))

    async def publish_sometimes() -> None:
        if harness.readings % 3 == 0 and harness.head.seq < 120:
            harness.publish("Meanwhile")

    for number in range(99):
        harness.desk.publish(f"{number}")
    harness.after_reading = publish_sometimes
    async with harness.hub.running():
        clients = [await harness.connect(SSE, after=after) for after in (0, 50, 95)]
        for client, after in zip(clients, (0, 50, 95), strict=True):
            await harness.settle()
            head = harness.head.seq
            assert await client.read_to(head) == list(range(after + 1, head + 1))
        await harness.disconnect_all()


async def test_a_retraction_during_the_reading_back_leaves_no_word(harness: HubHarness):
    """A page that was read before a retraction is read again."""
    entries = [harness.desk.publish(f"word-{number}.") for number in range(20)]
    was_retracted = asyncio.Event()

    async def retract_once() -> None:
        if was_retracted.is_set():
            return
        was_retracted.set()
        harness.desk.retract(entries[7])
        harness.notify()
        await harness.wait_until(lambda: harness.topic.head.seq == 22)

    first = await harness.connect(SSE)
    await harness.settle()
    harness.after_reading = retract_once
    second = await harness.connect(SSE, after=0)
    assert await first.read_to(22) == [22]
    assert await second.read_to(22) == list(range(1, 23))
    assert was_retracted.is_set()
    events = [str(event) for event in second.parser.events]
    assert not [event for event in events if "word-7." in event]
    assert len([event for event in events if "word-6." in event]) == 1


async def test_a_journal_that_cannot_be_read_sends_only_those_who_need_it_away(
    harness: HubHarness, caplog
):
    """If the journal cannot be read, only streams that need it end, and clients can resume."""
    for number in range(5):
        harness.desk.publish(f"{number}")
    live = await harness.connect(CHUNKED_SSE)
    await harness.settle()

    async def fail() -> None:
        raise RuntimeError("the database is unavailable")

    harness.before_reading = fail
    behind = [await harness.connect(wire, after=1) for wire in WIRES]
    for client in behind:
        await client.read()
        assert client.parser.is_complete
        assert client.parser.code in {None, 1013}
    await harness.wait_until(lambda: harness.close_reasons == {"error": 4})
    harness.before_reading = None
    seq = harness.publish("On")
    assert await live.read_to(seq) == [seq]
    assert "cannot be read" in caplog.text


async def test_who_leaves_while_the_journal_is_read_is_forgotten(harness: HubHarness):
    """A client that disconnects while the journal is read is removed from the catch-up tasks."""
    for number in range(5):
        harness.desk.publish(f"{number}")
    gate = asyncio.Event()

    async def wait() -> None:
        await gate.wait()

    harness.before_reading = wait
    leaving, staying = [await harness.connect(SSE, after=0) for _ in range(2)]
    await harness.wait_until(lambda: len(harness.hub._shared.catch_up) == 2)
    leaving.close()
    await harness.wait_until(lambda: len(harness.peers) == len(harness.hub._shared.catch_up) == 1)
    gate.set()
    assert await staying.read_to(6) == list(range(1, 7))
