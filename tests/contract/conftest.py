"""What contract tests ask for: coverages, and servers with settings of their own."""

from collections.abc import Iterator

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import running_newsroom
from tests.contract.timeline import Timeline


@pytest.fixture
def timeline(newsroom: Newsroom, slug: str) -> Timeline:
    """A new live coverage."""
    return Timeline(newsroom, slug)


@pytest.fixture(scope="session")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A server whose streams beat often, live shortly and have little patience."""
    settings = {"heartbeat": "PT0.2S", "stream_lifetime": "2", "stall": "1.5"}
    with running_newsroom(tmp_path_factory.mktemp("hasty"), **settings) as newsroom:
        yield newsroom


@pytest.fixture(scope="session")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A server that takes and replays little, for few."""
    sizes = {"headline_limit": "10", "body_limit": "100", "request_limit": "2048"}
    counts = {"tags_limit": "2", "replay_limit": "5", "stream_capacity": "2"}
    folder = tmp_path_factory.mktemp("narrow")
    with running_newsroom(folder, **sizes, **counts, writes_per_minute="60") as newsroom:
        yield newsroom
