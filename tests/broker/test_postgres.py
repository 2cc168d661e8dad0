"""The broker on PostgreSQL."""

import os
import signal

import psycopg
import pytest

from app.broker import open_broker
from tests.broker.harness import SHORT_TIMEOUTS, BrokerHarness, receive_until, wait_until
from tests.servers import PostgresServer


@pytest.fixture
async def harness(broker_postgres: PostgresServer):
    """A harness with a database of its own."""
    harness = BrokerHarness(broker_postgres.fresh_database(), broker_postgres)
    yield harness
    await harness.close()


async def test_a_server_that_throws_out_idle_sessions_keeps_the_bell(
    harness: BrokerHarness, caplog
):
    """The broker's sessions are exempt from idle_session_timeout, so that silence is no outage."""
    with psycopg.connect(harness.url, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE {name} SET idle_session_timeout = '100ms'")
    broker = await harness.connect()
    async with await psycopg.AsyncConnection.connect(
        harness.url, autocommit=True
    ) as idle_connection:
        with pytest.raises(psycopg.OperationalError):
            async for _ in idle_connection.notifies(timeout=30):
                pass
    assert broker.is_connected
    assert caplog.messages == []


@pytest.mark.full("its times are waited for")
@pytest.mark.parametrize("statement", ["LISTEN", "SELECT pg_notify"])
async def test_one_session_that_hangs_is_an_outage(harness: BrokerHarness, statement: str):
    """One hanging session, the listening or the notifying one, is an outage that heals."""
    broker = await harness.connect()
    with psycopg.connect(harness.url, autocommit=True) as connection:
        query = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND starts_with(query, %s)"
        ((pid,),) = connection.execute(query, (connection.info.dbname, statement)).fetchall()
    await harness.connect()  # its heartbeats keep arriving
    os.kill(pid, signal.SIGSTOP)
    try:
        await wait_until(lambda: not broker.is_connected)
        await wait_until(lambda: broker.is_connected)
    finally:
        os.kill(pid, signal.SIGCONT)


async def test_both_schemes_reach_the_same_bell(harness: BrokerHarness):
    """`postgres://` and `postgresql://` name the same broker."""
    notifications = (await harness.connect()).notifications()
    other = open_broker(harness.url.replace("postgresql://", "postgres://"), SHORT_TIMEOUTS)
    await other.open()
    await other.notify("apollo-11", 1)
    assert await receive_until(notifications, "apollo-11", 1) == [1]
    await other.close()


async def test_a_wrong_database_is_an_outage_and_not_a_crash(
    broker_postgres: PostgresServer, caplog
):
    """An unknown database is an outage with a warning, and does not stop the process."""
    broker = open_broker(broker_postgres.url.replace("/postgres?", "/nowhere?"), SHORT_TIMEOUTS)
    await broker.open()
    assert not broker.is_connected
    await broker.close()
    assert "nowhere" in caplog.text
