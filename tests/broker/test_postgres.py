"""What the bell on PostgreSQL promises beyond the others."""

import os
import signal

import psycopg
import pytest

from app.broker import open_broker
from tests.broker.belfry import QUICK, Belfry, hear_until, until
from tests.servers import PostgresServer


@pytest.fixture
async def belfry(bell_postgres: PostgresServer):
    """A bell in a database of its own."""
    place = Belfry(bell_postgres.fresh_database(), bell_postgres)
    yield place
    await place.take_down()


async def test_a_server_that_throws_out_idle_sessions_keeps_the_bell(belfry: Belfry, caplog):
    """A quiet night is no outage: the bell's sessions are exempt from idle_session_timeout."""
    with psycopg.connect(belfry.url, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE {name} SET idle_session_timeout = '100ms'")
    broker = await belfry.hang()
    async with await psycopg.AsyncConnection.connect(belfry.url, autocommit=True) as idler:
        with pytest.raises(psycopg.OperationalError):
            async for _ in idler.notifies(timeout=30):
                pass
    assert broker.is_connected
    assert caplog.messages == []


@pytest.mark.full("its times are waited for")
@pytest.mark.parametrize("work", ["LISTEN", "SELECT pg_notify"])
async def test_one_session_that_hangs_is_an_outage(belfry: Belfry, work: str):
    """Rings may leave and none come in, or the other way round; neither passes for health."""
    broker = await belfry.hang()
    with psycopg.connect(belfry.url, autocommit=True) as connection:
        query = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND starts_with(query, %s)"
        ((pid,),) = connection.execute(query, (connection.info.dbname, work)).fetchall()
    await belfry.hang()  # whose heartbeats come in all the time
    os.kill(pid, signal.SIGSTOP)
    try:
        await until(lambda: not broker.is_connected)
        await until(lambda: broker.is_connected)
    finally:
        os.kill(pid, signal.SIGCONT)


async def test_both_schemes_reach_the_same_bell(belfry: Belfry):
    """Hosting providers write postgres://, libraries write postgresql://."""
    rings = (await belfry.hang()).notifications()
    other = open_broker(belfry.url.replace("postgresql://", "postgres://"), QUICK)
    await other.open()
    await other.notify("apollo-11", 1)
    assert await hear_until(rings, "apollo-11", 1) == [1]
    await other.close()


async def test_a_wrong_database_is_an_outage_and_not_a_crash(bell_postgres: PostgresServer, caplog):
    """What the server refuses is said in the one warning."""
    broker = open_broker(bell_postgres.url.replace("/postgres?", "/nowhere?"), QUICK)
    await broker.open()
    assert not broker.is_connected
    await broker.close()
    assert "nowhere" in caplog.text
