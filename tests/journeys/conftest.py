"""What journeys start from: servers of their own, and the real databases and bells behind them."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.journeys.site import Site
from tests.servers import PostgresServer, RedisServer, postgres_server, redis_server

_FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Servers that end with the test; a traceback in their logs fails it."""
    site = Site(tmp_path)
    with closing(site):
        yield site
    site.check_logs()


@pytest.fixture(scope="session")
def database(postgres: PostgresServer) -> PostgresServer:
    """A PostgreSQL for the record, which a test may restart."""
    return postgres


@pytest.fixture(scope="session")
def bell_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A PostgreSQL that is only the bell, so that it can be stopped alone."""
    with postgres_server(tmp_path_factory.mktemp("bell")) as server:
        yield server


@pytest.fixture(scope="session")
def bell_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis for the bell."""
    with redis_server(tmp_path_factory.mktemp("bell")) as server:
        yield server


@pytest.fixture
def figures(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """Note a line for the end of the run."""
    return pytestconfig.stash.setdefault(_FIGURES, []).append


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print what the journeys measured."""
    lines = config.stash.get(_FIGURES, [])
    if lines:
        terminalreporter.section("journeys")
        for line in lines:
            terminalreporter.write_line(line)
