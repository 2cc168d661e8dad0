"""Fixtures of the permission matrix, and the databases of the access tests."""

from collections.abc import Iterator

import pytest

from tests.access.matrix import Matrix, open_matrix
from tests.databases import Database


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.full("the other database"))]
)
def database(request: pytest.FixtureRequest) -> Database:
    """The database of a test: SQLite, and in a full run PostgreSQL too."""
    return request.param


@pytest.fixture(scope="session")
def is_full(pytestconfig: pytest.Config) -> bool:
    """Whether every caller asks each route; the ordinary run uses representatives."""
    return bool(pytestconfig.option.full)


@pytest.fixture(scope="session")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    """A separate server with callers of every role."""
    with open_matrix(tmp_path_factory.mktemp("matrix")) as opened:
        yield opened
