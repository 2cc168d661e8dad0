"""Fixtures of the contract tests: coverages, and servers with their own settings."""

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
def impatient_newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A server with a short heartbeat and stream lifetime."""
    settings = {"heartbeat": "PT0.2S", "stream_lifetime": "2"}
    with running_newsroom(tmp_path_factory.mktemp("hasty"), **settings) as newsroom:
        yield newsroom


@pytest.fixture(scope="session")
def limited_newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A server with small limits for content, tags, replays, streams and writes."""
    sizes = {"headline_limit": "10", "body_limit": "100", "request_limit": "2048"}
    counts = {"tags_limit": "2", "replay_limit": "5", "stream_capacity": "2"}
    folder = tmp_path_factory.mktemp("narrow")
    with running_newsroom(folder, **sizes, **counts, writes_per_minute="60") as newsroom:
        yield newsroom
