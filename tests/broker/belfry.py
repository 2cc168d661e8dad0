"""Where the brokers of one test hang, and what a test does with them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

from app.broker import Broker, Notification, open_broker
from app.broker.timeouts import BrokerTimeouts
from tests.servers import Server

# Short, so that outages are noticed and healed while a test waits.
QUICK = BrokerTimeouts(connect=3, answer=2, heartbeat=0.5, longest_retry=0.5)

_HANGS = 120  # seconds after which what a test waits for counts as never


class Belfry:
    """One bell, and as many brokers on it as a test hangs there.

    Args:
        url: the broker's URL.
        server: the server behind it; None for the bell in memory.
    """

    def __init__(self, url: str, server: Server | None = None) -> None:
        self.url = url
        self._server = server
        self._brokers: list[Broker] = []

    @property
    def server(self) -> Server:
        """The server, to be stopped or frozen."""
        assert self._server is not None, "the bell in memory has no server"
        return self._server

    async def hang(self) -> Broker:
        """Open a broker, as one more process would; in memory there is only the one."""
        if self._server is None and self._brokers:
            return self._brokers[0]
        broker = open_broker(self.url, QUICK)
        self._brokers.append(broker)
        await broker.open()
        return broker

    async def take_down(self) -> None:
        """Close every broker."""
        for broker in self._brokers:
            await broker.close()

    async def shout(self, payload: bytes) -> None:
        """Put anything on the channel, as a stranger could."""
        if self.url.startswith("postgresql"):
            await self._query("SELECT pg_notify('dateline', %s)", payload.decode())
        else:
            await self._command("PUBLISH", "dateline:" + self.url.rpartition("/")[2], payload)

    @asynccontextmanager
    async def wiretap(self) -> AsyncIterator[AsyncIterator[str]]:
        """Hear the payloads themselves, heartbeats too."""
        if self.url.startswith("postgresql"):
            from app.broker.postgres import PostgresTransport as Transport
        else:
            from app.broker.redis import RedisTransport as Transport
        async with Transport(self.url, QUICK).link() as link, aclosing(link.receive()) as payloads:
            yield payloads

    async def connections(self) -> set[int]:
        """Ask the server for the numbers of the brokers' connections."""
        if self.url.startswith("postgresql"):
            rows = await self._query(
                "SELECT pid FROM pg_stat_activity WHERE application_name = 'dateline broker'"
                " AND datname = current_database()"
            )
            return {pid for (pid,) in rows}
        clients = await self._command("CLIENT LIST")
        ours = (client for client in clients if client["db"] == self.url.rpartition("/")[2])
        return {int(client["id"]) for client in ours if client["cmd"] != "client|list"}

    async def cut(self, connections: set[int]) -> None:
        """Let the server hang up on some of them."""
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


async def hear_until(rings: AsyncIterator[Notification], topic: str, seq: int) -> list[int]:
    """Listen until a topic has reached a seq; gives the topic's seqs in the order heard."""
    heard = []
    async with asyncio.timeout(_HANGS):
        async for ring in rings:
            if ring.topic == topic:
                heard.append(ring.seq)
            if ring == Notification(topic, seq):
                return heard
    raise AssertionError(f"the iterator ended at {heard}, before {topic} {seq}")


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so that announces itself by no event."""
    async with asyncio.timeout(_HANGS):
        while not condition():  # noqa: ASYNC110 - a change of state that sets no event
            await asyncio.sleep(0.01)
