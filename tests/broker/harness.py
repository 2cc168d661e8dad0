"""A harness for brokers: opens several on one server, and disturbs the server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

from app.broker import Broker, Notification, open_broker
from app.broker.timeouts import BrokerTimeouts
from tests.servers import Server

# Short, so that a test can wait for an outage to be noticed and to heal.
SHORT_TIMEOUTS = BrokerTimeouts(connect=3, answer=2, heartbeat=0.5, longest_retry=0.5)

_TIMEOUT = 120  # seconds until a test gives up waiting


class BrokerHarness:
    """The brokers of one test, all with the same URL.

    Args:
        url: the broker's URL.
        server: the server behind it; None for the broker in memory.
    """

    def __init__(self, url: str, server: Server | None = None) -> None:
        self.url = url
        self._server = server
        self._brokers: list[Broker] = []

    @property
    def server(self) -> Server:
        """The server, for a test to stop or freeze."""
        assert self._server is not None, "the broker in memory has no server"
        return self._server

    async def connect(self) -> Broker:
        """Open a broker, as another process would; in memory there is only one."""
        if self._server is None and self._brokers:
            return self._brokers[0]
        broker = open_broker(self.url, SHORT_TIMEOUTS)
        self._brokers.append(broker)
        await broker.open()
        return broker

    async def close(self) -> None:
        """Close every broker."""
        for broker in self._brokers:
            await broker.close()

    async def publish_raw(self, payload: bytes) -> None:
        """Publish any payload on the channel."""
        if self.url.startswith("postgresql"):
            await self._query("SELECT pg_notify('dateline', %s)", payload.decode())
        else:
            await self._command("PUBLISH", "dateline:" + self.url.rpartition("/")[2], payload)

    @asynccontextmanager
    async def receive_raw(self) -> AsyncIterator[AsyncIterator[str]]:
        """Receive the raw payloads of the channel, heartbeats included."""
        if self.url.startswith("postgresql"):
            from app.broker.postgres import PostgresTransport as Transport
        else:
            from app.broker.redis import RedisTransport as Transport
        async with (
            Transport(self.url, SHORT_TIMEOUTS).link() as link,
            aclosing(link.receive()) as payloads,
        ):
            yield payloads

    async def connections(self) -> set[int]:
        """Ask the server for the ids of the brokers' connections."""
        if self.url.startswith("postgresql"):
            rows = await self._query(
                "SELECT pid FROM pg_stat_activity WHERE application_name = 'dateline broker'"
                " AND datname = current_database()"
            )
            return {pid for (pid,) in rows}
        clients = await self._command("CLIENT LIST")
        own = (client for client in clients if client["db"] == self.url.rpartition("/")[2])
        return {int(client["id"]) for client in own if client["cmd"] != "client|list"}

    async def disconnect(self, connections: set[int]) -> None:
        """Have the server close connections."""
        for number in connections:
            if self.url.startswith("postgresql"):
                await self._query(f"SELECT pg_terminate_backend({number}, 5000)")
            else:
                await self._command("CLIENT KILL", "ID", number)

    async def _query(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        import psycopg

        async with await psycopg.AsyncConnection.connect(self.url, autocommit=True) as connection:
            return await (await connection.execute(query, values)).fetchall()

    async def _command(self, *words: str | bytes | int) -> Any:
        from redis.asyncio import Redis

        async with Redis.from_url(self.url) as client:
            return await client.execute_command(*words)


async def receive_until(
    notifications: AsyncIterator[Notification], topic: str, seq: int
) -> list[int]:
    """Receive until a topic has reached a seq, and return the topic's seqs in order."""
    seqs = []
    async with asyncio.timeout(_TIMEOUT):
        async for notification in notifications:
            if notification.topic == topic:
                seqs.append(notification.seq)
            if notification == Notification(topic, seq):
                return seqs
    raise AssertionError(f"the iterator ended at {seqs}, before {topic} {seq}")


async def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for a condition that nothing signals."""
    async with asyncio.timeout(_TIMEOUT):
        while not condition():  # noqa: ASYNC110  nothing signals the change
            await asyncio.sleep(0.01)
