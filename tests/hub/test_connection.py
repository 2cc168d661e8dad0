"""Promises of the streams that the hub writes itself, on real TCP lines."""

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
from tests.hub.exchange import (
    CHUNKS,
    DEFLATE,
    FRAMES,
    SMALL,
    SSE,
    WIRES,
    Client,
    Exchange,
    clog,
    fill,
    open_line,
)

NARROW = {"sends": SMALL, "receives": SMALL}
every_wire = pytest.mark.parametrize("wire", WIRES)


@asynccontextmanager
async def running(config: HubConfig) -> AsyncIterator[Exchange]:
    """A hub that runs, at the end of which everybody leaves and nobody is left behind."""
    found = Exchange(config)
    async with found.hub.running():
        yield found
        await found.empty()


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    """One with the usual times and sizes."""
    async with running(HubConfig()) as found:
        yield found


def ends(exchange: Exchange) -> list:
    """The hub's ends of the lines."""
    return list(exchange.hub.lifecycle)


@every_wire
async def test_a_stream_is_replay_and_then_live_each_seq_once(exchange: Exchange, wire: Wire):
    """From the first byte on, in every encoding."""
    for number in range(5):
        exchange.publish(f"Number {number}")
    client = await exchange.connect(wire, after=2)
    assert await client.read_to(6) == [3, 4, 5, 6]
    exchange.publish("Live")
    exchange.publish("Live too")
    assert await client.read_to(8) == [3, 4, 5, 6, 7, 8]
    assert client.ear.start == str(exchange.head.at(2))
    assert [e["entry"]["headline"] for e in client.ear.events[-2:]] == ["Live", "Live too"]


@every_wire
async def test_a_short_write_is_carried_on_exactly(exchange: Exchange, wire: Wire):
    """The rest of an event comes when there is room, then what came meanwhile, each once."""
    slow = await exchange.connect(wire, **NARROW)
    await slow.read(lambda ear: ear.start is not None)
    noise = os.urandom(150_000).hex()  # it does not get smaller by deflate
    exchange.publish(noise)
    await exchange.settle()
    assert ends(exchange)[0].is_paused
    for number in range(10):
        exchange.publish(f"Meanwhile {number}")
    await exchange.settle()
    assert await slow.read_to(12) == list(range(2, 13))
    assert slow.ear.events[0]["entry"]["headline"] == noise
    exchange.publish("Live again")
    assert await slow.read_to(13) == list(range(2, 14))


@every_wire
async def test_a_slow_reader_holds_nobody_up(exchange: Exchange, wire: Wire):
    """It is unhooked from its shard; its neighbours have every event before it reads on."""
    quick = [await exchange.connect(wire) for _ in range(2)]
    slow = await exchange.connect(wire, **NARROW)
    quick.append(await exchange.connect(wire))
    exchange.publish(os.urandom(100_000).hex())
    for number in range(20):
        exchange.publish(f"{number}")
    for client in quick:
        assert await client.read_to(22) == list(range(2, 23))
    paused = [end for end in ends(exchange) if end.is_paused]
    assert [end.shard for end in paused] == [None]
    shards = {end.shard for end in ends(exchange)} - {None}
    assert [len(shard.connections) for shard in shards] == [3]
    assert await slow.read_to(22) == list(range(2, 23))


async def test_the_bytes_that_wait_for_a_slow_reader_are_bounded():
    """However much it is behind, and whether that came event by event, in a burst, or by replay.

    No more than a chunk and the event that fills it waits in its transport.
    """
    most = 8 * SMALL + 2 * SMALL
    async with running(HubConfig(write_chunk=8 * SMALL)) as exchange:
        burst = await exchange.connect(SSE, **NARROW)
        await burst.read(lambda ear: ear.start is not None)
        for _ in range(200):
            exchange.desk.publish("x" * 900)
        exchange.ring()
        await exchange.settle()
        replayed = await exchange.connect(SSE, after=0, **NARROW)
        await exchange.settle()
        sizes = [end.transport.get_write_buffer_size() for end in ends(exchange)]
        assert all(0 < size <= most for size in sizes), sizes
        for _ in range(50):
            exchange.publish(size=900)
            await exchange.settle()
        sizes = [end.transport.get_write_buffer_size() for end in ends(exchange)]
        assert all(0 < size <= most for size in sizes), sizes
        assert await burst.read_to(251) == list(range(2, 252))
        assert await replayed.read_to(251) == list(range(1, 252))


@pytest.mark.parametrize("wire", [SSE, FRAMES])
async def test_who_does_not_read_is_cut(wire: Wire):
    """Its line is reset, so that the kernel holds nothing either."""
    exchange = Exchange(HubConfig(stall=0.1))
    async with exchange.hub.running():
        client = await exchange.connect(wire, **NARROW)
        exchange.publish(os.urandom(200_000).hex())
        await exchange.until(lambda: exchange.ended["slow"] == 1)
        assert not exchange.peers
        await client.read()
        assert client.was_reset
        assert client.ear.seqs == []
        await exchange.empty()


async def test_a_slow_websocket_hears_4408_if_it_reads_on():
    """Behind what waited for it; then it has its time to answer."""
    exchange = Exchange(HubConfig(stall=5.0))
    async with exchange.hub.running():
        client = await exchange.connect(FRAMES, **NARROW)
        exchange.publish(os.urandom(100_000).hex())
        await exchange.settle()
        exchange.hub.lifecycle.end_overdue(asyncio.get_running_loop().time() + 5.1)
        ear = await client.read()
        assert (ear.seqs, ear.code) == ([2], 4408)
        await exchange.until(lambda: exchange.ended["slow"] == 1)
        await exchange.empty()


async def test_a_websocket_that_breaks_the_rules_with_a_full_socket_is_cut_too():
    """The close frame that it does not take does not keep its place for ever."""
    exchange = Exchange(HubConfig(stall=0.1))
    async with exchange.hub.running():
        client = await exchange.connect(FRAMES, **NARROW)
        await client.read(lambda ear: ear.start is not None)
        descriptor = ends(exchange)[0].descriptor
        await clog(descriptor)
        client.say(b"\x81\x00")  # not masked
        fill(descriptor)  # what its packet acknowledged
        await exchange.until(lambda: not exchange.peers)
        await exchange.empty()


@pytest.mark.parametrize("how", ["close", "reset", "half"])
@pytest.mark.parametrize("wire", [SSE, FRAMES])
async def test_no_byte_reaches_who_has_the_descriptor_next(
    exchange: Exchange, wire: Wire, how: str
):
    """A connection that is lost has left its shard before its number is given away."""
    staying = await exchange.connect(wire)
    witnesses: list[tuple[socket.socket, socket.socket]] = []
    taken = set()
    for number in range(60):
        leaving = [await exchange.connect(wire) for _ in range(3)]
        used = {end.descriptor for end in ends(exchange)}
        for client in leaving:
            hang_up(client, how)
        for turn in range(4):
            exchange.publish(f"{number}.{turn}")
            await asyncio.sleep(0)
            witnesses.append(socket.socketpair())
            taken |= used & {end.fileno() for end in witnesses[-1]}
        await exchange.until(lambda: len(exchange.peers) == 1)
    assert taken, "no number was given away again"
    for end in chain.from_iterable(witnesses):
        end.setblocking(False)
        with pytest.raises(BlockingIOError):
            end.recv(1)
    for end in chain.from_iterable(witnesses):
        end.close()
    assert await staying.read_to(241) == list(range(2, 242))


def hang_up(client: Client, how: str) -> None:
    """Leave: in order, with a reset, or with one side only."""
    if how == "half":
        client.socket.shutdown(socket.SHUT_WR)
        return
    if how == "reset":
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


async def test_silence_is_broken_and_nothing_else(exchange: Exchange):
    """A heartbeat comes after so many seconds without a byte; an event counts as one."""
    clients = [await exchange.connect(wire) for wire in WIRES]
    await exchange.settle()

    async def at(seconds: float) -> list[int]:
        for lane in exchange.topic.lanes.values():
            for shard in lane.sink.shards:
                lane.sink.send_heartbeats(shard.written_at + seconds)
        await exchange.settle()
        for client in clients:
            client.look()
        return [client.ear.heartbeats for client in clients]

    assert await at(19.9) == [0, 0, 0, 0]
    assert await at(20.0) == [1, 1, 1, 1]
    assert await at(19.9) == [1, 1, 1, 1]
    exchange.publish("One")
    for client in clients:
        await client.read_to(2)
    assert await at(19.9) == [1, 1, 1, 1]
    assert await at(20.1) == [2, 2, 2, 2]


async def test_heartbeats_come_by_themselves():
    """From the shared clock, as long as there is silence."""
    exchange = Exchange(HubConfig(heartbeat=0.01))
    async with exchange.hub.running():
        clients = [await exchange.connect(wire) for wire in WIRES]
        for client in clients:
            await client.read(lambda ear: ear.heartbeats >= 2)
        await exchange.empty()


async def test_lives_are_spread(exchange: Exchange):
    """0.8 to 1.0 of the lifetime, lest all who came at once come back at once."""
    now = asyncio.get_running_loop().time()
    for _ in range(120):
        await exchange.connect(SSE)
    lives = [end.expires - now for end in ends(exchange)]
    assert 479 < min(lives) < 520
    assert 560 < max(lives) < 605


@every_wire
async def test_a_life_ends_as_a_whole_stream(exchange: Exchange, wire: Wire):
    """With when to come back, or with 1000; nothing that was published before is missing."""
    client = await exchange.connect(wire)
    seq = exchange.publish("One")
    await exchange.settle()
    exchange.hub.lifecycle.end_overdue(asyncio.get_running_loop().time() + 601)
    ear = await client.read()
    assert ear.is_whole
    assert ear.seqs == [seq]
    if wire in (FRAMES, DEFLATE):
        assert ear.code == 1000
    else:
        assert 2000 <= (ear.retry or 0) <= 5000
    await exchange.until(lambda: exchange.ended["rotated"] == 1)


@every_wire
async def test_a_word_too_much_costs_only_who_says_it(exchange: Exchange, wire: Wire):
    """4 KiB of a reader of server-sent events, 256 KiB of a WebSocket's; neighbours go on."""
    talker = await exchange.connect(wire)
    neighbour = await exchange.connect(wire)
    if wire in (FRAMES, DEFLATE):
        ping = b"\x89\xfd\0\0\0\0" + b"\0" * 125
        for _ in range(256 * 1024 // len(ping)):
            talker.say(ping)
            talker.look()
        assert talker.ear.code is None
        talker.say(ping * 2)
        assert (await talker.read()).code == 1008
    else:
        talker.say(b"x" * 4096)
        exchange.publish("Heard")
        await talker.read_to(2)
        talker.say(b"x")
        await talker.read()
        assert talker.was_reset
    await exchange.until(lambda: len(exchange.peers) == 1)
    seq = exchange.publish("On")
    assert (await neighbour.read_to(seq))[-1] == seq


async def test_a_reader_that_closes_its_side_is_over(exchange: Exchange):
    """Nobody listens behind a half-closed line."""
    client = await exchange.connect(CHUNKS)
    client.socket.shutdown(socket.SHUT_WR)
    await client.read()
    await exchange.until(lambda: exchange.ended["client"] == 1)


@every_wire
async def test_who_cannot_resume_is_reset_and_goes_on(exchange: Exchange, wire: Wire):
    """From the head, with the reason."""
    client = await exchange.connect(wire, after=10**6)
    seq = exchange.publish("One")
    assert await client.read_to(seq) == [seq]
    assert client.ear.resets == ["unknown-cursor"]


async def test_shards_fill_up_one_after_another():
    """None holds more than its size, a place that is left is taken again, and all are written."""
    async with running(HubConfig(shard_size=3)) as exchange:
        clients = [await exchange.connect(SSE) for _ in range(8)]
        shards = exchange.topic.lanes[SSE].sink.shards
        assert [len(shard.connections) for shard in shards] == [3, 3, 2]
        clients[1].close()
        await exchange.until(lambda: len(exchange.peers) == 7)
        clients[1] = await exchange.connect(SSE)
        assert [len(shard.connections) for shard in shards] == [3, 3, 2]
        exchange.publish("One")
        for client in clients:
            assert await client.read_to(2) == [2]


@every_wire
async def test_who_joins_in_the_middle_of_a_broadcast_has_each_event_once(
    exchange: Exchange, wire: Wire
):
    """Its shard is due what the newcomer has, or comes to have by replay."""
    first = await exchange.connect(wire)
    news, line = await open_line(wire, exchange.peers)
    behind, its_line = await open_line(wire, exchange.peers)
    exchange.clients += [news, behind]
    await exchange.settle()
    exchange.desk.publish("Due, not yet written")
    exchange.topic.extend(exchange.desk.journal[1:])
    exchange.own(line, wire)
    exchange.desk.publish("Due too")
    exchange.topic.extend(exchange.desk.journal[2:])
    exchange.own(its_line, wire, str(exchange.head.at(2)))
    seq = exchange.publish("Last")
    assert await first.read_to(seq) == [2, 3, 4]
    assert await news.read_to(seq) == [3, 4]
    assert await behind.read_to(seq) == [3, 4]


async def test_a_shard_that_is_empty_when_its_turn_comes_does_no_harm():
    """The buffer may have gone beyond it; who comes next starts at the head."""
    failures: list[dict] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, what: failures.append(what))
    async with running(HubConfig(buffer_events=2)) as exchange:
        await exchange.connect(SSE)
        await exchange.settle()
        lane = exchange.topic.lanes[SSE]
        for number in range(5):
            exchange.desk.publish(f"{number}")
        exchange.topic.extend(exchange.desk.journal[1:2])
        ends(exchange)[0].abort()
        assert not lane.sink.shards[0].connections
        exchange.topic.extend(exchange.desk.journal[2:])
        late = await exchange.connect(SSE)
        exchange.publish("Last")
        assert await late.read_to(7) == [7]
    assert not failures


async def test_nothing_more_is_written_to_a_connection_that_is_found_broken():
    """The rest of a replay is spared, and so are a thousand complaints of the loop."""
    async with running(HubConfig(write_chunk=1)) as exchange:
        client = await exchange.connect(SSE)
        (end,) = ends(exchange)
        end.pause_writing()
        hang_up(client, "reset")
        end.is_paused = False
        end.feed([b":\n\n"] * 100)
        assert end.seq < 10
