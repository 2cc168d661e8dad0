"""Fixtures of the media tests: a server of their own and its media folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import running_newsroom


@pytest.fixture(scope="session")
def media_newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A server for all media tests, whose folder and processes a test may inspect."""
    with running_newsroom(tmp_path_factory.mktemp("studio")) as newsroom:
        yield newsroom


@pytest.fixture
def folder(media_newsroom: Newsroom) -> Path:
    """The server's media folder."""
    return media_newsroom.server.folder / "media"
