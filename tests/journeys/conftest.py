"""Fixtures of the journeys: servers of their own, and the databases and brokers behind them."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.journeys.site import Site
from tests.servers import PostgresServer, RedisServer, postgres_server, redis_server

_FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Servers that are stopped after the test; a traceback in their logs fails the test."""
    site = Site(tmp_path)
    with closing(site):
        yield site
    site.check_logs()


@pytest.fixture(scope="session")
def database(postgres: PostgresServer) -> PostgresServer:
    """A PostgreSQL server for the journal; a test may restart it."""
    return postgres


@pytest.fixture(scope="session")
def broker_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A PostgreSQL server used only as the broker, so that a test can stop it alone."""
    with postgres_server(tmp_path_factory.mktemp("broker")) as server:
        yield server


@pytest.fixture(scope="session")
def broker_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis server used only as the broker."""
    with redis_server(tmp_path_factory.mktemp("broker")) as server:
        yield server


@pytest.fixture
def figures(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """Add a line to the summary at the end of the run."""
    return pytestconfig.stash.setdefault(_FIGURES, []).append


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the figures that the journeys measured."""
    lines = config.stash.get(_FIGURES, [])
    if lines:
        terminalreporter.section("journeys")
        for line in lines:
            terminalreporter.write_line(line)
