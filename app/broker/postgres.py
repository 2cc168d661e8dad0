"""Notifications over PostgreSQL's LISTEN and NOTIFY (`postgres://`, `postgresql://`).

There are two connections: psycopg's `notifies()` occupies its connection while it listens, so a
second one sends. Both must reach the server itself and not a pooler in transaction mode, which
would give the listening session to other clients; every process must name the same database.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import psycopg
from psycopg.conninfo import conninfo_to_dict

from app.broker.timeouts import BrokerTimeouts

Connection: TypeAlias = psycopg.AsyncConnection[Any]

_CHANNEL = "dateline"

# The kernel detects a vanished peer, even while the last heartbeat is still in its send buffer.
_LINK: dict[str, Any] = {
    "fallback_application_name": "dateline broker",
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 15_000,
}


class PostgresLink:
    """One connection that listens and one that notifies, both without transactions."""

    def __init__(self, listener: Connection, sender: Connection) -> None:
        self._listener = listener
        self._sender = sender

    async def receive(self) -> AsyncGenerator[str, None]:
        """Yield every payload notified on the channel."""
        async for notification in self._listener.notifies():
            yield notification.payload

    async def send(self, payloads: Sequence[str]) -> None:
        """Notify all of them in one statement, so that a burst costs one round trip."""
        await self._sender.execute(
            "SELECT pg_notify(%s, payload) FROM unnest(%s::text[]) AS payload",
            (_CHANNEL, list(payloads)),
        )


class PostgresTransport:
    """The connection parameters of a PostgreSQL server.

    Args:
        url: libpq's connection URI. Its parameters override the settings made here.
        timeouts: limits on connecting and on the set-up.

    Raises:
        ValueError: libpq can't read the URL. The message doesn't repeat it: it has a password.
    """

    def __init__(self, url: str, timeouts: BrokerTimeouts) -> None:
        try:
            parameters = conninfo_to_dict(url)
            # libpq checks the port only when it connects: a wrong one would look like an endless
            # outage.
            for port in filter(None, str(parameters.get("port", "")).split(",")):
                int(port)
        except (psycopg.Error, ValueError):
            raise ValueError(
                "the broker's URL is not one that PostgreSQL understands;"
                " it should be like postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
            ) from None
        self._timeouts = timeouts
        # libpq takes whole seconds, 2 at least, and applies them to each host that the URL names.
        self._connection = _LINK | {"connect_timeout": max(2, round(timeouts.connect))} | parameters

    @property
    def address(self) -> str:
        """PostgreSQL with its host and port, as far as the URL names them."""
        host = self._connection.get("host") or "the default host"
        port = self._connection.get("port")
        return f"PostgreSQL, {host}:{port}" if port else f"PostgreSQL, {host}"

    @asynccontextmanager
    async def link(self) -> AsyncIterator[PostgresLink]:
        """Connect twice and listen."""
        async with self._connect() as listener, self._connect() as sender:
            async with asyncio.timeout(self._timeouts.answer):
                # The server may close idle sessions (a setting since version 14). A session that
                # only listens counts as idle, and so does the other one between two heartbeats.
                for connection in (listener, sender):
                    await connection.execute(
                        "SELECT set_config(name, '0', false) FROM pg_settings"
                        " WHERE name = 'idle_session_timeout'"
                    )
                await listener.execute(f"LISTEN {_CHANNEL}")
                # A NOTIFY is a commit. This one stores nothing, so it need not wait for the disk or
                # for a standby.
                await sender.execute("SET synchronous_commit TO off")
            yield PostgresLink(listener, sender)

    @asynccontextmanager
    async def _connect(self) -> AsyncIterator[Connection]:
        connection = await psycopg.AsyncConnection.connect(
            **self._connection, autocommit=True, prepare_threshold=None
        )
        try:
            yield connection
        finally:
            await connection.close()
