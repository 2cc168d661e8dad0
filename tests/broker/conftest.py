"""The bells that the promises are held to: one in memory, one on each real server."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.broker.belfry import Belfry
from tests.servers import PostgresServer, RedisServer, Server, postgres_server, redis_server


@pytest.fixture(scope="session")
def bell_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A PostgreSQL of these tests' own, because they stop it."""
    with postgres_server(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture(scope="session")
def bell_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis of these tests' own, because they stop it."""
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(params=["memory", "postgres", "redis"])
async def belfry(request: pytest.FixtureRequest) -> AsyncIterator[Belfry]:
    """A bell of each kind."""
    async for place in _belfry(request):
        yield place


@pytest.fixture(params=["postgres", "redis"])
async def wired_belfry(request: pytest.FixtureRequest) -> AsyncIterator[Belfry]:
    """A bell on each kind of server; after an outage the server runs again."""
    async for place in _belfry(request):
        yield place


async def _belfry(request: pytest.FixtureRequest) -> AsyncIterator[Belfry]:
    if request.param == "memory":
        place = Belfry("memory://")
        yield place
        await place.take_down()
        return
    server: Server = request.getfixturevalue(f"bell_{request.param}")
    place = Belfry(server.fresh_database(), server)
    yield place
    server.thaw()
    server.start()
    await place.take_down()
