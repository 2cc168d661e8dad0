"""One newsroom for all that asks about access."""

from collections.abc import Iterator

import pytest

from tests.access.matrix import Matrix, open_matrix
from tests.databases import Database


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.full("the other database"))]
)
def database(request: pytest.FixtureRequest) -> Database:
    """Which database a test runs on: in the ordinary run both for invitations, else one."""
    return request.param


@pytest.fixture(scope="session")
def is_full(pytestconfig: pytest.Config) -> bool:
    """Whether everybody asks, and by each door: in the ordinary run some stand for all."""
    return bool(pytestconfig.option.full)


@pytest.fixture(scope="session")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    """A newsroom of its own, with everybody who may ask it for something."""
    with open_matrix(tmp_path_factory.mktemp("matrix")) as opened:
        yield opened
