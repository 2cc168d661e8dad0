"""Fixtures that the tests of the command share."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.cli import database, follower, retry
from tests.cli.tool import Tool
from tests.conftest import Newsroom


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries in this process wait 0.1 s at most; no test depends on the length of the pause."""
    for module in follower, retry:
        monkeypatch.setattr(module, "_LONGEST_WAIT", 0.1)
    monkeypatch.setattr(database, "_PATIENCE", 0.2)


@pytest.fixture
def tool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Iterator[Tool]:
    """`dateline` in an empty folder, without any DATELINE_ variable of the environment."""
    for name in [name for name in os.environ if name.startswith("DATELINE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "200")
    before = os.umask(0o022)  # the command changes it for the whole process
    os.umask(before)
    yield Tool(tmp_path, monkeypatch, capfdbinary)
    os.umask(before)


@dataclass(frozen=True)
class Remote:
    """A server that the commands reach over HTTP, and a live coverage on it."""

    newsroom: Newsroom
    slug: str

    @property
    def url(self) -> str:
        """The server's base URL."""
        return self.newsroom.server.url

    @property
    def key(self) -> str:
        """An API key with the role chief."""
        return self.newsroom.chief.headers["Authorization"].removeprefix("Bearer ")

    @property
    def access(self) -> list[str]:
        """The command's options that select the server and the chief's key."""
        return ["--url", self.url, "--key", self.key]

    def read(self, path: str = "") -> dict[str, object]:
        """Read the coverage, or a resource below it, with the chief's key."""
        response = self.newsroom.chief.get(f"/v1/coverages/{self.slug}{path}")
        return dict(response.raise_for_status().json())

    def write(self, method: str, path: str, **payload: object) -> dict[str, object]:
        """Send a write request with the chief's key."""
        chief = self.newsroom.chief
        response = chief.request(
            method,
            f"/v1/coverages/{self.slug}{path}",
            json=payload or None,
            headers={"If-Match": "*"},
        )
        return dict(response.raise_for_status().json())


@pytest.fixture
def remote(newsroom: Newsroom, slug: str) -> Remote:
    """The session's server with a new live coverage."""
    return Remote(newsroom, slug)


@pytest.fixture
def operator(tool: Tool, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> Tool:
    """`dateline` on the database of the session's server, as its operator runs it."""
    settings = newsroom.server.environment
    monkeypatch.setenv("DATELINE_DATABASE_URL", settings["DATELINE_DATABASE_URL"])
    return tool
