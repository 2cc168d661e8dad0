"""The brokers under test: one in memory, and one on each real server."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.broker.harness import BrokerHarness
from tests.servers import PostgresServer, RedisServer, Server, postgres_server, redis_server


@pytest.fixture(scope="session")
def broker_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A PostgreSQL server for the broker's tests, because they stop it."""
    with postgres_server(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture(scope="session")
def broker_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis server for the broker's tests, because they stop it."""
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(params=["memory", "postgres", "redis"])
async def harness(request: pytest.FixtureRequest) -> AsyncIterator[BrokerHarness]:
    """A harness for each kind of broker."""
    async for harness in _open_harness(request):
        yield harness


@pytest.fixture(params=["postgres", "redis"])
async def server_harness(request: pytest.FixtureRequest) -> AsyncIterator[BrokerHarness]:
    """A harness for each kind of server; the server runs again afterwards."""
    async for harness in _open_harness(request):
        yield harness


async def _open_harness(request: pytest.FixtureRequest) -> AsyncIterator[BrokerHarness]:
    if request.param == "memory":
        harness = BrokerHarness("memory://")
        yield harness
        await harness.close()
        return
    server: Server = request.getfixturevalue(f"broker_{request.param}")
    harness = BrokerHarness(server.fresh_database(), server)
    yield harness
    server.thaw()
    server.start()
    await harness.close()
