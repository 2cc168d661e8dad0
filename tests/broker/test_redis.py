"""The broker on Redis and Valkey."""

import pytest
from redis.asyncio import Redis

from app.broker import Notification
from tests.broker.harness import BrokerHarness, receive_until, wait_until
from tests.servers import RedisServer


@pytest.fixture
async def harnesses(broker_redis: RedisServer):
    """Three harnesses on one server, each with a database number of its own."""
    harnesses = [BrokerHarness(broker_redis.fresh_database(), broker_redis) for _ in range(3)]
    yield harnesses
    for harness in harnesses:
        await harness.close()


async def test_two_houses_on_one_server_do_not_ring_at_each_other(harnesses: list[BrokerHarness]):
    """Two installations on one server with different database numbers do not notify each other."""
    production, staging = [await harness.connect() for harness in harnesses[:2]]
    notifications = production.notifications()
    await staging.notify("apollo-11", 900)
    await harnesses[0].publish_raw(b"apollo-11:1")
    assert await anext(notifications) == Notification("apollo-11", 1)


async def test_bytes_that_are_no_text_are_ignored(harnesses: list[BrokerHarness], caplog):
    """A payload that is not UTF-8 is ignored like any invalid payload, and is no outage."""
    broker = await harnesses[0].connect()
    notifications = broker.notifications()
    await harnesses[0].publish_raw(b"\xff\xfe:1")
    await harnesses[0].publish_raw(b"apollo-11:1")
    assert await receive_until(notifications, "apollo-11", 1) == [1]
    assert [message[:7] for message in caplog.messages] == ["Ignored"]


async def test_valkey_is_reached_by_its_own_name(harnesses: list[BrokerHarness]):
    """A `valkey://` URL is accepted."""
    harness = harnesses[0]
    harness.url = harness.url.replace("redis://", "valkey://")
    assert (await harness.connect()).is_connected


async def test_a_server_that_lets_us_hear_but_not_ring_is_one_long_outage(
    harnesses: list[BrokerHarness], caplog
):
    """Without the permission to publish, the broker is down, with a single warning."""
    harness = harnesses[0]
    async with Redis.from_url(harness.url) as client:
        rights = ["+@all", "-publish"]
        await client.acl_setuser("mute", enabled=True, nopass=True, channels=["*"], commands=rights)
        harness.url = harness.url.replace("redis://", "redis://mute:any@")
        broker = await harness.connect()
        assert not broker.is_connected
        await broker.notify("apollo-11", 1)
        await client.acl_setuser("mute", enabled=True, commands=["+publish"])
        await wait_until(lambda: broker.is_connected)
        await broker.close()
        await client.acl_deluser("mute")
    assert [message[:18] for message in caplog.messages] == ["The broker is down"]
    assert "publish" in caplog.text.lower()
