"""Notifications over publish/subscribe of Redis or Valkey (`redis://`, `rediss://`).

The driver's own retries are off: they would hide an outage from the hub, which has to poll more
often while it lasts. No streams or lists are used: they would be a second journal.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from app.broker.timeouts import BrokerTimeouts


class RedisLink:
    """One connection that subscribes and one that publishes."""

    def __init__(self, client: Redis, subscription: PubSub, channel: str) -> None:
        self._client = client
        self._subscription = subscription
        self._channel = channel

    async def receive(self) -> AsyncGenerator[str, None]:
        """Yield every payload published on the channel."""
        while True:
            message = await self._subscription.get_message(timeout=60)
            if message and message["type"] == "message":
                # Any client of the server may publish here, and its bytes need not be text.
                yield message["data"].decode(errors="backslashreplace")

    async def send(self, payloads: Sequence[str]) -> None:
        """Publish all of them in one round trip."""
        async with self._client.pipeline(transaction=False) as pipeline:
            for payload in payloads:
                pipeline.publish(self._channel, payload)
            await pipeline.execute()


class RedisTransport:
    """The connection parameters of a Redis or Valkey server.

    All databases of a server share its channels. The channel's name therefore contains the
    database's number, which separates two newsrooms that use different databases of one server.

    Args:
        url: redis-py's URL. Its query parameters override the settings made here.
        timeouts: limits on connecting and on each command.

    Raises:
        ValueError: redis-py can't read the URL. The message doesn't repeat it: it has a password.
    """

    def __init__(self, url: str, timeouts: BrokerTimeouts) -> None:
        self._url = url
        self._timeouts = timeouts
        try:
            pool = self._client().connection_pool
            # This connects to nothing, but an unknown option is refused here; later, it would look
            # like an endless outage.
            pool.connection_class(**pool.connection_kwargs)
        except (TypeError, ValueError):
            raise ValueError(
                "the broker's URL is not one that the Redis library understands;"
                " it should be like redis://USER:PASSWORD@HOST:PORT/NUMBER"
            ) from None
        options = pool.connection_kwargs
        self._channel = f"dateline:{options.get('db', 0)}"
        self._address = f"Redis, {options.get('host', 'localhost')}:{options.get('port', 6379)}"

    @property
    def address(self) -> str:
        """Redis with its host and port, as in the URL."""
        return self._address

    @asynccontextmanager
    async def link(self) -> AsyncIterator[RedisLink]:
        """Connect and subscribe."""
        async with self._client() as client, client.pubsub() as subscription:
            await subscription.subscribe(self._channel)
            # Wait for the confirmation: a heartbeat on the other connection could arrive earlier,
            # and would be lost.
            if await subscription.get_message(timeout=self._timeouts.answer) is None:
                raise ConnectionError("the server did not confirm the subscription")
            yield RedisLink(client, subscription, self._channel)

    def _client(self) -> Redis:
        return Redis.from_url(
            self._url,
            protocol=2,  # enough for this, and the only version of older servers
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=self._timeouts.connect,
            socket_timeout=self._timeouts.answer,
            socket_keepalive=True,
        )
