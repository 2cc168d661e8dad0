"""Brokers on a server, tested with outages of the server."""

import asyncio
import logging
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.broker import open_broker
from app.broker.remote import HEARTBEAT
from tests.broker.harness import SHORT_TIMEOUTS, BrokerHarness, receive_until, wait_until

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


async def test_two_processes_hear_each_other(server_harness: BrokerHarness):
    """Two processes receive each other's notifications."""
    one, other = await server_harness.connect(), await server_harness.connect()
    at_one, at_other = one.notifications(), other.notifications()
    await one.notify("from-one", 1)
    await other.notify("from-other", 2)
    assert await receive_until(at_other, "from-one", 1) == [1]
    assert await receive_until(at_one, "from-other", 2) == [2]


async def test_a_process_that_rings_and_leaves_is_heard(server_harness: BrokerHarness):
    """Closing sends pending notifications, so that a short-lived command can notify the servers."""
    notifications = (await server_harness.connect()).notifications()
    command = [sys.executable, "-c", _NOTIFY_AND_LEAVE, server_harness.url]
    await asyncio.to_thread(subprocess.run, command, check=True, timeout=60)
    assert await receive_until(notifications, "apollo-11", 42) == [42]


async def test_a_burst_crosses_the_wire_as_one_ring(server_harness: BrokerHarness):
    """10,000 notifications of a topic are sent as one payload, once."""
    broker = await server_harness.connect()
    async with server_harness.receive_raw() as payloads:
        for seq in range(1, 10_001):
            await broker.notify("apollo-11", seq)
        await broker.close()
        await server_harness.publish_raw(b"end:1")
        payloads_received = []
        async for payload in payloads:
            if payload == "end:1":
                break
            payloads_received.append(payload)
    assert [payload for payload in payloads_received if payload != HEARTBEAT] == ["apollo-11:10000"]


async def test_an_outage_heals(server_harness: BrokerHarness):
    """After an outage the same iterators, in every process, receive new notifications."""
    one, other = await server_harness.connect(), await server_harness.connect()
    notifications = other.notifications()
    for seq in (1, 2):  # a second outage must heal as well
        server_harness.server.stop()
        await wait_until(lambda: not one.is_connected and not other.is_connected)
        server_harness.server.start()
        await wait_until(lambda: one.is_connected and other.is_connected)
        await one.notify("apollo-11", seq)
        assert await receive_until(notifications, "apollo-11", seq) == [seq]
    assert len(await server_harness.connections()) == 4, "two connections for each broker"


async def test_announcing_in_an_outage_neither_waits_nor_raises(server_harness: BrokerHarness):
    """During an outage `notify` neither waits nor raises, and its own process is notified."""
    broker = await server_harness.connect()
    notifications = broker.notifications()
    server_harness.server.stop()
    await wait_until(lambda: not broker.is_connected)
    for seq in range(1, 1_001):
        _run_without_waiting(broker.notify("apollo-11", seq))
    assert await receive_until(notifications, "apollo-11", 1_000) == [1_000]


async def test_a_ring_in_the_moment_of_the_break_is_not_lost(server_harness: BrokerHarness):
    """A notification at the moment of a lost connection is sent again after the reconnection."""
    one = await server_harness.connect()
    connections_of_one = await server_harness.connections()
    notifications = (await server_harness.connect()).notifications()
    connections_of_other = await server_harness.connections() - connections_of_one
    for seq in range(1, 11):
        await server_harness.disconnect(await server_harness.connections() - connections_of_other)
        await one.notify("apollo-11", seq)
        assert await receive_until(notifications, "apollo-11", seq) == [seq]
    assert connections_of_other <= await server_harness.connections(), (
        "only one broker was disconnected"
    )


@pytest.mark.full("its times are waited for")
async def test_a_server_that_hangs_is_an_outage(server_harness: BrokerHarness):
    """A server that accepts connections but does not respond is an outage that heals."""
    one, other = await server_harness.connect(), await server_harness.connect()
    notifications = other.notifications()
    server_harness.server.freeze()
    _run_without_waiting(one.notify("apollo-11", 1))
    await wait_until(lambda: not one.is_connected and not other.is_connected)
    server_harness.server.thaw()
    await wait_until(lambda: one.is_connected and other.is_connected)
    await one.notify("apollo-11", 2)
    assert (await receive_until(notifications, "apollo-11", 2))[-1] == 2


@pytest.mark.full("its times are waited for")
async def test_closing_does_not_wait_for_a_server_that_hangs(server_harness: BrokerHarness):
    """Closing the broker does not wait for a server that does not respond."""
    broker = await server_harness.connect()
    server_harness.server.freeze()
    await broker.notify("apollo-11", 1)
    async with asyncio.timeout(20):
        await broker.close()
    assert not broker.is_connected


async def test_a_process_starts_while_the_server_is_away(server_harness: BrokerHarness):
    """Opening succeeds while the server is down; the broker connects once it is up."""
    server_harness.server.stop()
    broker = await server_harness.connect()
    assert not broker.is_connected
    server_harness.server.start()
    await wait_until(lambda: broker.is_connected)


async def test_garbage_on_the_channel_is_ignored(server_harness: BrokerHarness, caplog):
    """Each invalid payload is logged in a short line and otherwise ignored."""
    broker = await server_harness.connect()
    notifications = broker.notifications()
    garbage = ["", " ", "{}", "apollo-11", "apollo-11:", "apollo-11:0", "apollo-11:-1", ":1", "é:1"]
    garbage += ["Apollo:1", "a:1:2", "a:1\n", "a:9223372036854775808", "a:" + "9" * 5_000]
    for payload in garbage:
        await server_harness.publish_raw(payload.encode())
    await server_harness.publish_raw(b"apollo-11:5")
    assert await receive_until(notifications, "apollo-11", 5) == [5]
    ignored = [message for message in caplog.messages if message.startswith("Ignored")]
    assert len(ignored) == len(garbage)
    assert max(map(len, ignored)) < 300, "a long payload is shortened"
    assert broker.is_connected


async def test_an_outage_is_one_warning(caplog):
    """An outage is logged as one warning, without the password, however many attempts fail."""
    for scheme in ("postgresql", "redis"):
        caplog.clear()
        async with _refusing_server() as (port, attempts):
            broker = open_broker(f"{scheme}://reader:geheim@127.0.0.1:{port}/1", SHORT_TIMEOUTS)
            await broker.open()
            await wait_until(lambda: len(attempts) > 5)
            await broker.close()
        warnings = [record for record in caplog.records if record.levelno >= logging.WARNING]
        assert len(warnings) == 1, caplog.text
        assert f"127.0.0.1:{port}" in caplog.text
        assert "geheim" not in caplog.text


async def test_the_end_of_an_outage_is_told(server_harness: BrokerHarness, caplog):
    """The end of an outage is logged."""
    caplog.set_level(logging.INFO, logger="app.broker")
    broker = await server_harness.connect()
    assert caplog.messages == []
    server_harness.server.stop()
    await wait_until(lambda: not broker.is_connected)
    server_harness.server.start()
    await wait_until(lambda: broker.is_connected)
    down, back = caplog.messages
    assert down.startswith("The broker is down at ")
    assert back.startswith("The broker is back at ")


async def test_closing_leaves_no_connection(server_harness: BrokerHarness):
    """Closing leaves no connection on the server."""
    broker = await server_harness.connect()
    assert len(await server_harness.connections()) == 2
    await broker.close()
    async with asyncio.timeout(30):
        while await server_harness.connections():  # noqa: ASYNC110  only asking the server tells
            await asyncio.sleep(0.01)


def _run_without_waiting(coroutine) -> None:
    """Run a coroutine to its end; it must not wait for anything."""
    with pytest.raises(StopIteration):
        coroutine.send(None)


@asynccontextmanager
async def _refusing_server() -> AsyncIterator[tuple[int, list[int]]]:
    """Listen on a port, close every connection at once, and yield the port and the attempts."""
    attempts = []

    def close_connection(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        attempts.append(1)
        writer.close()

    async with await asyncio.start_server(close_connection, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1], attempts
