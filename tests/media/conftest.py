"""What tests of media ask for: a server of their own, and hands to send files with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import running_newsroom


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A server for all files of tests, whose folder and processes a test may look at."""
    with running_newsroom(tmp_path_factory.mktemp("studio")) as newsroom:
        yield newsroom


@pytest.fixture
def folder(studio: Newsroom) -> Path:
    """Where its files are."""
    return studio.server.folder / "media"
