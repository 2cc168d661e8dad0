"""Promises of the bells that hang on a server, held by breaking the server."""

import asyncio
import logging
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.broker import open_broker
from app.broker.remote import HEARTBEAT
from tests.broker.belfry import QUICK, Belfry, hear_until, until

_NOTIFY_AND_LEAVE = """
import asyncio, sys
from app.broker import open_broker

async def main():
    broker = open_broker(sys.argv[1])
    await broker.open()
    await broker.notify("apollo-11", 42)
    await broker.close()

asyncio.run(main())
"""


async def test_two_processes_hear_each_other(wired_belfry: Belfry):
    """A ring reaches the other process, in both directions."""
    one, other = await wired_belfry.hang(), await wired_belfry.hang()
    at_one, at_other = one.notifications(), other.notifications()
    await one.notify("from-one", 1)
    await other.notify("from-other", 2)
    assert await hear_until(at_other, "from-one", 1) == [1]
    assert await hear_until(at_one, "from-other", 2) == [2]


async def test_a_process_that_rings_and_leaves_is_heard(wired_belfry: Belfry):
    """Closing sends what waits, so a command that posts one entry and ends wakes the servers."""
    rings = (await wired_belfry.hang()).notifications()
    command = [sys.executable, "-c", _NOTIFY_AND_LEAVE, wired_belfry.url]
    await asyncio.to_thread(subprocess.run, command, check=True, timeout=60)
    assert await hear_until(rings, "apollo-11", 42) == [42]


async def test_a_burst_crosses_the_wire_as_one_ring(wired_belfry: Belfry):
    """However often a topic rings before the next send, one payload goes out, and once only."""
    broker = await wired_belfry.hang()
    async with wired_belfry.wiretap() as payloads:
        for seq in range(1, 10_001):
            await broker.notify("apollo-11", seq)
        await broker.close()
        await wired_belfry.shout(b"end:1")
        heard = []
        async for payload in payloads:
            if payload == "end:1":
                break
            heard.append(payload)
    assert [payload for payload in heard if payload != HEARTBEAT] == ["apollo-11:10000"]


async def test_an_outage_heals(wired_belfry: Belfry):
    """The same iterators, in every process, hear what rings after the server is back."""
    one, other = await wired_belfry.hang(), await wired_belfry.hang()
    rings = other.notifications()
    for seq in (1, 2):  # a second outage finds nothing worn out
        wired_belfry.server.stop()
        await until(lambda: not one.is_connected and not other.is_connected)
        wired_belfry.server.start()
        await until(lambda: one.is_connected and other.is_connected)
        await one.notify("apollo-11", seq)
        assert await hear_until(rings, "apollo-11", seq) == [seq]
    assert len(await wired_belfry.connections()) == 4, "two for each, and none left over"


async def test_announcing_in_an_outage_neither_waits_nor_raises(wired_belfry: Belfry):
    """A request that has committed is answered, and its own process hears of it all the same."""
    broker = await wired_belfry.hang()
    rings = broker.notifications()
    wired_belfry.server.stop()
    await until(lambda: not broker.is_connected)
    for seq in range(1, 1_001):
        _run_without_waiting(broker.notify("apollo-11", seq))
    assert await hear_until(rings, "apollo-11", 1_000) == [1_000]


async def test_a_ring_in_the_moment_of_the_break_is_not_lost(wired_belfry: Belfry):
    """What can't be sent is sent again as soon as the link stands again, break after break."""
    one = await wired_belfry.hang()
    links_of_one = await wired_belfry.connections()
    rings = (await wired_belfry.hang()).notifications()
    links_of_other = await wired_belfry.connections() - links_of_one
    for seq in range(1, 11):
        await wired_belfry.cut(await wired_belfry.connections() - links_of_other)
        await one.notify("apollo-11", seq)
        assert await hear_until(rings, "apollo-11", seq) == [seq]
    assert links_of_other <= await wired_belfry.connections(), "only one of them was cut off"


@pytest.mark.full("its times are waited for")
async def test_a_server_that_hangs_is_an_outage(wired_belfry: Belfry):
    """A link that stands and carries nothing is noticed, holds nobody up, and heals."""
    one, other = await wired_belfry.hang(), await wired_belfry.hang()
    rings = other.notifications()
    wired_belfry.server.freeze()
    _run_without_waiting(one.notify("apollo-11", 1))
    await until(lambda: not one.is_connected and not other.is_connected)
    wired_belfry.server.thaw()
    await until(lambda: one.is_connected and other.is_connected)
    await one.notify("apollo-11", 2)
    assert (await hear_until(rings, "apollo-11", 2))[-1] == 2


@pytest.mark.full("its times are waited for")
async def test_closing_does_not_wait_for_a_server_that_hangs(wired_belfry: Belfry):
    """A deploy ends in time even when the server never answers again."""
    broker = await wired_belfry.hang()
    wired_belfry.server.freeze()
    await broker.notify("apollo-11", 1)
    async with asyncio.timeout(20):
        await broker.close()
    assert not broker.is_connected


async def test_a_process_starts_while_the_server_is_away(wired_belfry: Belfry):
    """Opening does not fail; the bell is down, and comes up with the server."""
    wired_belfry.server.stop()
    broker = await wired_belfry.hang()
    assert not broker.is_connected
    wired_belfry.server.start()
    await until(lambda: broker.is_connected)


async def test_garbage_on_the_channel_is_ignored(wired_belfry: Belfry, caplog):
    """Each strange payload is a line in the log and nothing else."""
    broker = await wired_belfry.hang()
    rings = broker.notifications()
    garbage = ["", " ", "{}", "apollo-11", "apollo-11:", "apollo-11:0", "apollo-11:-1", ":1", "é:1"]
    garbage += ["Apollo:1", "a:1:2", "a:1\n", "a:9223372036854775808", "a:" + "9" * 5_000]
    for payload in garbage:
        await wired_belfry.shout(payload.encode())
    await wired_belfry.shout(b"apollo-11:5")
    assert await hear_until(rings, "apollo-11", 5) == [5]
    ignored = [entry for entry in caplog.messages if entry.startswith("Ignored")]
    assert len(ignored) == len(garbage)
    assert max(map(len, ignored)) < 300, "a long one does not fill the log"
    assert broker.is_connected


async def test_an_outage_is_one_warning(caplog):
    """However often the server is knocked at, the operator reads once that the bell is down."""
    for scheme in ("postgresql", "redis"):
        caplog.clear()
        async with _slammed_door() as (port, sign_in_limiter):
            broker = open_broker(f"{scheme}://reader:geheim@127.0.0.1:{port}/1", QUICK)
            await broker.open()
            await until(lambda: len(sign_in_limiter) > 5)
            await broker.close()
        warnings = [entry for entry in caplog.records if entry.levelno >= logging.WARNING]
        assert len(warnings) == 1, caplog.text
        assert f"127.0.0.1:{port}" in caplog.text
        assert "geheim" not in caplog.text


async def test_the_end_of_an_outage_is_told(wired_belfry: Belfry, caplog):
    """The operator reads once that it is down and once that it is back."""
    caplog.set_level(logging.INFO, logger="app.broker")
    broker = await wired_belfry.hang()
    assert caplog.messages == []
    wired_belfry.server.stop()
    await until(lambda: not broker.is_connected)
    wired_belfry.server.start()
    await until(lambda: broker.is_connected)
    down, back = caplog.messages
    assert down.startswith("The broker is down at ")
    assert back.startswith("The broker is back at ")


async def test_closing_leaves_no_connection(wired_belfry: Belfry):
    """What a process opened at the server is gone when it leaves."""
    broker = await wired_belfry.hang()
    assert len(await wired_belfry.connections()) == 2
    await broker.close()
    async with asyncio.timeout(30):
        while await wired_belfry.connections():  # noqa: ASYNC110 - the server says so when asked
            await asyncio.sleep(0.01)


def _run_without_waiting(coroutine) -> None:
    """Run a coroutine to its end; one that would have to wait for anything fails."""
    with pytest.raises(StopIteration):
        coroutine.send(None)


@asynccontextmanager
async def _slammed_door() -> AsyncIterator[tuple[int, list[int]]]:
    """Listen on a port, and hang up on whoever comes; gives the port and the visits so far."""
    sign_in_limiter = []

    def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sign_in_limiter.append(1)
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as door:
        yield door.sockets[0].getsockname()[1], sign_in_limiter
