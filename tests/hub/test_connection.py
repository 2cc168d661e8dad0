"""Streams that the hub writes to real TCP connections."""

import asyncio
import os
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import chain

import pytest

from app.formats.wires import Wire
from app.hub.config import HubConfig
from tests.hub.harness import (
    CHUNKED_SSE,
    DEFLATE,
    FRAMES,
    SMALL_BUFFER,
    SSE,
    WIRES,
    Client,
    HubHarness,
    fill,
    fill_until_full,
    open_connection,
)

SMALL_BUFFERS = {"send_buffer": SMALL_BUFFER, "receive_buffer": SMALL_BUFFER}
every_wire = pytest.mark.parametrize("wire", WIRES)


@asynccontextmanager
async def running_hub(config: HubConfig) -> AsyncIterator[HubHarness]:
    """A running hub; at the end every client closes, and the hub must have forgotten all."""
    harness = HubHarness(config)
    async with harness.hub.running():
        yield harness
        await harness.disconnect_all()


@pytest.fixture
async def harness() -> AsyncIterator[HubHarness]:
    """A running hub with the default configuration."""
    async with running_hub(HubConfig()) as harness:
        yield harness


def hub_connections(harness: HubHarness) -> list:
    """The hub's connections."""
    return list(harness.hub.lifecycle)


@every_wire
async def test_a_stream_is_replay_and_then_live_each_seq_once(harness: HubHarness, wire: Wire):
    """In every wire format a client gets each event once: the replay, then new events."""
    for number in range(5):
        harness.publish(f"Number {number}")
    client = await harness.connect(wire, after=2)
    assert await client.read_to(6) == [3, 4, 5, 6]
    harness.publish("Live")
    harness.publish("Live too")
    assert await client.read_to(8) == [3, 4, 5, 6, 7, 8]
    assert client.parser.start == str(harness.head.at(2))
    assert [e["entry"]["headline"] for e in client.parser.events[-2:]] == ["Live", "Live too"]


@every_wire
async def test_a_short_write_is_carried_on_exactly(harness: HubHarness, wire: Wire):
    """After a partial write the rest of the event follows, and then later events, each once."""
    slow = await harness.connect(wire, **SMALL_BUFFERS)
    await slow.read(lambda parser: parser.start is not None)
    noise = os.urandom(150_000).hex()  # it cannot be compressed
    harness.publish(noise)
    await harness.settle()
    assert hub_connections(harness)[0].is_paused
    for number in range(10):
        harness.publish(f"Meanwhile {number}")
    await harness.settle()
    assert await slow.read_to(12) == list(range(2, 13))
    assert slow.parser.events[0]["entry"]["headline"] == noise
    harness.publish("Live again")
    assert await slow.read_to(13) == list(range(2, 14))


@every_wire
async def test_a_slow_reader_holds_nobody_up(harness: HubHarness, wire: Wire):
    """A slow client leaves its shard, and the other clients have every event before it reads."""
    fast = [await harness.connect(wire) for _ in range(2)]
    slow = await harness.connect(wire, **SMALL_BUFFERS)
    fast.append(await harness.connect(wire))
    harness.publish(os.urandom(100_000).hex())
    for number in range(20):
        harness.publish(f"{number}")
    for client in fast:
        assert await client.read_to(22) == list(range(2, 23))
    paused = [connection for connection in hub_connections(harness) if connection.is_paused]
    assert [connection.shard for connection in paused] == [None]
    shards = {connection.shard for connection in hub_connections(harness)} - {None}
    assert [len(shard.connections) for shard in shards] == [3]
    assert await slow.read_to(22) == list(range(2, 23))


async def test_the_bytes_that_wait_for_a_slow_reader_are_bounded():
    """The bytes that wait in a slow client's transport are at most one chunk and one event.

    This holds whether the client fell behind by one long burst, by events or by a replay.
    """
    limit = 8 * SMALL_BUFFER + 2 * SMALL_BUFFER
    async with running_hub(HubConfig(write_chunk=8 * SMALL_BUFFER)) as harness:
        burst = await harness.connect(SSE, **SMALL_BUFFERS)
        await burst.read(lambda parser: parser.start is not None)
        for _ in range(200):
            harness.desk.publish("x" * 900)
        harness.notify()
        await harness.settle()
        replayed = await harness.connect(SSE, after=0, **SMALL_BUFFERS)
        await harness.settle()
        sizes = [
            connection.transport.get_write_buffer_size() for connection in hub_connections(harness)
        ]
        assert all(0 < size <= limit for size in sizes), sizes
        for _ in range(50):
            harness.publish(size=900)
            await harness.settle()
        sizes = [
            connection.transport.get_write_buffer_size() for connection in hub_connections(harness)
        ]
        assert all(0 < size <= limit for size in sizes), sizes
        assert await burst.read_to(251) == list(range(2, 252))
        assert await replayed.read_to(251) == list(range(1, 252))


@pytest.mark.parametrize("wire", [SSE, FRAMES])
async def test_who_does_not_read_is_cut(wire: Wire):
    """A client that does not read gets a TCP reset, which frees the kernel's buffer."""
    harness = HubHarness(HubConfig(stall=0.1))
    async with harness.hub.running():
        client = await harness.connect(wire, **SMALL_BUFFERS)
        harness.publish(os.urandom(200_000).hex())
        await harness.wait_until(lambda: harness.close_reasons["slow"] == 1)
        assert not harness.peers
        await client.read()
        assert client.was_reset
        assert client.parser.seqs == []
        await harness.disconnect_all()


async def test_a_slow_websocket_hears_4408_if_it_reads_on():
    """A slow WebSocket client that reads on gets the pending events and then close code 4408."""
    harness = HubHarness(HubConfig(stall=60.0, close_timeout=60.0))
    async with harness.hub.running():
        client = await harness.connect(FRAMES, **SMALL_BUFFERS)
        harness.publish(os.urandom(100_000).hex())
        await harness.settle()
        harness.hub.lifecycle.end_overdue(asyncio.get_running_loop().time() + 61)
        parser = await client.read()
        assert (parser.seqs, parser.code) == ([2], 4408)
        await harness.wait_until(lambda: harness.close_reasons["slow"] == 1)
        await harness.disconnect_all()


async def test_a_websocket_that_breaks_the_rules_with_a_full_socket_is_cut_too():
    """A WebSocket client that violates the protocol and does not read is disconnected, too."""
    harness = HubHarness(HubConfig(stall=0.1))
    async with harness.hub.running():
        client = await harness.connect(FRAMES, **SMALL_BUFFERS)
        await client.read(lambda parser: parser.start is not None)
        descriptor = hub_connections(harness)[0].descriptor
        await fill_until_full(descriptor)
        client.send(b"\x81\x00")  # not masked
        fill(descriptor)  # the room that its packet's acknowledgement made
        await harness.wait_until(lambda: not harness.peers)
        await harness.disconnect_all()


@pytest.mark.parametrize("how", ["close", "reset", "half"])
@pytest.mark.parametrize("wire", [SSE, FRAMES])
async def test_no_byte_reaches_who_has_the_descriptor_next(
    harness: HubHarness, wire: Wire, how: str
):
    """A lost connection leaves its shard before the kernel can reuse its descriptor."""
    staying = await harness.connect(wire)
    witnesses: list[tuple[socket.socket, socket.socket]] = []
    reused = set()
    for number in range(60):
        leaving = [await harness.connect(wire) for _ in range(3)]
        descriptors = {connection.descriptor for connection in hub_connections(harness)}
        for client in leaving:
            disconnect(client, how)
        for turn in range(4):
            harness.publish(f"{number}.{turn}")
            await asyncio.sleep(0)
            witnesses.append(socket.socketpair())
            reused |= descriptors & {witness.fileno() for witness in witnesses[-1]}
        await harness.wait_until(lambda: len(harness.peers) == 1)
    assert reused, "no descriptor was reused"
    for witness in chain.from_iterable(witnesses):
        witness.setblocking(False)
        with pytest.raises(BlockingIOError):
            witness.recv(1)
    for witness in chain.from_iterable(witnesses):
        witness.close()
    assert await staying.read_to(241) == list(range(2, 242))


def disconnect(client: Client, how: str) -> None:
    """Disconnect: close, reset, or shut down the sending side only."""
    if how == "half":
        client.socket.shutdown(socket.SHUT_WR)
        return
    if how == "reset":
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


async def test_silence_is_broken_and_nothing_else(harness: HubHarness):
    """A heartbeat is sent after 20 s without a write; an event restarts the interval."""
    clients = [await harness.connect(wire) for wire in WIRES]
    await harness.settle()

    async def heartbeats_after(seconds: float) -> list[int]:
        for lane in harness.topic.lanes.values():
            for shard in lane.sink.shards:
                lane.sink.send_heartbeats(shard.written_at + seconds)
        await harness.settle()
        for client in clients:
            client.read_available()
        return [client.parser.heartbeats for client in clients]

    assert await heartbeats_after(19.9) == [0, 0, 0, 0]
    assert await heartbeats_after(20.1) == [1, 1, 1, 1]  # a sum of floats may be a bit less
    assert await heartbeats_after(19.9) == [1, 1, 1, 1]
    harness.publish("One")
    for client in clients:
        await client.read_to(2)
    assert await heartbeats_after(19.9) == [1, 1, 1, 1]
    assert await heartbeats_after(20.1) == [2, 2, 2, 2]


async def test_heartbeats_come_by_themselves():
    """The shared clock sends heartbeats as long as nothing is published."""
    harness = HubHarness(HubConfig(heartbeat=0.01))
    async with harness.hub.running():
        clients = [await harness.connect(wire) for wire in WIRES]
        for client in clients:
            await client.read(lambda parser: parser.heartbeats >= 2)
        await harness.disconnect_all()


async def test_lives_are_spread(harness: HubHarness):
    """Lifetimes are spread over 0.8 to 1.0 of the maximum, so reconnections are spread too."""
    now = asyncio.get_running_loop().time()
    for _ in range(120):
        await harness.connect(SSE)
    lifetimes = [connection.expires - now for connection in hub_connections(harness)]
    assert 479 < min(lifetimes) < 520
    assert 560 < max(lifetimes) < 605


@every_wire
async def test_a_life_ends_as_a_whole_stream(harness: HubHarness, wire: Wire):
    """A lifetime ends with a complete stream, and a `retry` time or close code 1000."""
    client = await harness.connect(wire)
    seq = harness.publish("One")
    await harness.settle()
    harness.hub.lifecycle.end_overdue(asyncio.get_running_loop().time() + 601)
    parser = await client.read()
    assert parser.is_complete
    assert parser.seqs == [seq]
    if wire in (FRAMES, DEFLATE):
        assert parser.code == 1000
    else:
        assert 2000 <= (parser.retry or 0) <= 5000
    await harness.wait_until(lambda: harness.close_reasons["rotated"] == 1)


@every_wire
async def test_a_word_too_much_costs_only_who_says_it(harness: HubHarness, wire: Wire):
    """A client that sends over 4 KiB on SSE or 256 KiB on a WebSocket is disconnected alone."""
    sender = await harness.connect(wire)
    neighbour = await harness.connect(wire)
    if wire in (FRAMES, DEFLATE):
        ping = b"\x89\xfd\0\0\0\0" + b"\0" * 125
        for _ in range(256 * 1024 // len(ping)):
            sender.send(ping)
            sender.read_available()
        assert sender.parser.code is None
        sender.send(ping * 2)
        assert (await sender.read()).code == 1008
    else:
        sender.send(b"x" * 4096)
        harness.publish("Heard")
        await sender.read_to(2)
        sender.send(b"x")
        await sender.read()
        assert sender.was_reset
    await harness.wait_until(lambda: len(harness.peers) == 1)
    seq = harness.publish("On")
    assert (await neighbour.read_to(seq))[-1] == seq


async def test_a_reader_that_closes_its_side_is_over(harness: HubHarness):
    """A half-closed connection is closed."""
    client = await harness.connect(CHUNKED_SSE)
    client.socket.shutdown(socket.SHUT_WR)
    await client.read()
    await harness.wait_until(lambda: harness.close_reasons["client"] == 1)


@every_wire
async def test_who_cannot_resume_is_reset_and_goes_on(harness: HubHarness, wire: Wire):
    """A client that cannot resume gets a reset with the reason, and then events from the head."""
    client = await harness.connect(wire, after=10**6)
    seq = harness.publish("One")
    assert await client.read_to(seq) == [seq]
    assert client.parser.resets == ["unknown-cursor"]


async def test_shards_fill_up_one_after_another():
    """Shards fill up one after another, a free place is reused, and all shards are written."""
    async with running_hub(HubConfig(shard_size=3)) as harness:
        clients = [await harness.connect(SSE) for _ in range(8)]
        shards = harness.topic.lanes[SSE].sink.shards
        assert [len(shard.connections) for shard in shards] == [3, 3, 2]
        clients[1].close()
        await harness.wait_until(lambda: len(harness.peers) == 7)
        clients[1] = await harness.connect(SSE)
        assert [len(shard.connections) for shard in shards] == [3, 3, 2]
        harness.publish("One")
        for client in clients:
            assert await client.read_to(2) == [2]


@every_wire
async def test_who_joins_in_the_middle_of_a_broadcast_has_each_event_once(
    harness: HubHarness, wire: Wire
):
    """A client that joins during a broadcast has each event once, whether it resumes or is new."""
    first = await harness.connect(wire)
    at_head, raw = await open_connection(wire, harness.peers)
    behind, raw_behind = await open_connection(wire, harness.peers)
    harness.clients += [at_head, behind]
    await harness.settle()
    harness.desk.publish("Due, not yet written")
    harness.topic.extend(harness.desk.journal[1:], harness.head.seq)
    harness.take_over(raw, wire)
    harness.desk.publish("Due too")
    harness.topic.extend(harness.desk.journal[2:], harness.head.seq)
    harness.take_over(raw_behind, wire, str(harness.head.at(2)))
    seq = harness.publish("Last")
    assert await first.read_to(seq) == [2, 3, 4]
    assert await at_head.read_to(seq) == [3, 4]
    assert await behind.read_to(seq) == [3, 4]


async def test_a_shard_that_is_empty_when_its_turn_comes_does_no_harm():
    """A shard that has no connection when it is written does no harm, even behind the buffer."""
    failures: list[dict] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _loop, context: failures.append(context)
    )
    async with running_hub(HubConfig(buffer_events=2)) as harness:
        await harness.connect(SSE)
        await harness.settle()
        lane = harness.topic.lanes[SSE]
        for number in range(5):
            harness.desk.publish(f"{number}")
        harness.topic.extend(harness.desk.journal[1:2], harness.head.seq)
        hub_connections(harness)[0].abort()
        assert not lane.sink.shards[0].connections
        harness.topic.extend(harness.desk.journal[2:], harness.head.seq)
        late = await harness.connect(SSE)
        harness.publish("Last")
        assert await late.read_to(7) == [7]
    assert not failures


async def test_nothing_more_is_written_to_a_connection_that_is_found_broken():
    """Once a connection is found broken, the rest of the replay is not written."""
    async with running_hub(HubConfig(write_chunk=1)) as harness:
        client = await harness.connect(SSE)
        (connection,) = hub_connections(harness)
        connection.pause_writing()
        disconnect(client, "reset")
        connection.is_paused = False
        connection.feed([b":\n\n"] * 100)
        assert connection.seq < 10
