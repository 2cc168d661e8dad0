"""What the bell on Redis and Valkey promises beyond the others."""

import pytest
from redis.asyncio import Redis

from app.broker import Notification
from tests.broker.belfry import Belfry, hear_until, until
from tests.servers import RedisServer


@pytest.fixture
async def belfries(bell_redis: RedisServer):
    """Three bells on one server, each in a database of its own."""
    places = [Belfry(bell_redis.fresh_database(), bell_redis) for _ in range(3)]
    yield places
    for place in places:
        await place.take_down()


async def test_two_houses_on_one_server_do_not_ring_at_each_other(belfries: list[Belfry]):
    """Staging and production share a server by the database's number, and hear only their own."""
    production, staging = [await place.hang() for place in belfries[:2]]
    rings = production.notifications()
    await staging.notify("apollo-11", 900)
    await belfries[0].shout(b"apollo-11:1")
    assert await anext(rings) == Notification("apollo-11", 1)


async def test_bytes_that_are_no_text_are_ignored(belfries: list[Belfry], caplog):
    """What can't even be decoded is garbage like any other, and no outage."""
    broker = await belfries[0].hang()
    rings = broker.notifications()
    await belfries[0].shout(b"\xff\xfe:1")
    await belfries[0].shout(b"apollo-11:1")
    assert await hear_until(rings, "apollo-11", 1) == [1]
    assert [entry[:7] for entry in caplog.messages] == ["Ignored"]


async def test_valkey_is_reached_by_its_own_name(belfries: list[Belfry]):
    """The URL that Valkey's papers show works as it is."""
    place = belfries[0]
    place.url = place.url.replace("redis://", "valkey://")
    assert (await place.hang()).is_connected


async def test_a_server_that_lets_us_hear_but_not_ring_is_one_long_outage(
    belfries: list[Belfry], caplog
):
    """A missing right to publish shows as a bell that is down, and does not flap."""
    place = belfries[0]
    async with Redis.from_url(place.url) as client:
        rights = ["+@all", "-publish"]
        await client.acl_setuser("mute", enabled=True, nopass=True, channels=["*"], commands=rights)
        place.url = place.url.replace("redis://", "redis://mute:any@")
        broker = await place.hang()
        assert not broker.is_connected
        await broker.notify("apollo-11", 1)
        await client.acl_setuser("mute", enabled=True, commands=["+publish"])
        await until(lambda: broker.is_connected)
        await broker.close()
        await client.acl_deluser("mute")
    assert [entry[:18] for entry in caplog.messages] == ["The broker is down"]
    assert "publish" in caplog.text.lower()
