"""What the tests of the command share."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.cli import follower, retry
from tests.cli.tool import Tool
from tests.conftest import Newsroom


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before a tool in this process tries again: nothing that is promised is in their length."""
    for module in follower, retry:
        monkeypatch.setattr(module, "_LONGEST_WAIT", 0.1)


@pytest.fixture
def tool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Iterator[Tool]:
    """`dateline` in an empty folder, without a setting of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith("DATELINE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "200")
    before = os.umask(0o022)  # which the command changes for its whole process
    os.umask(before)
    yield Tool(tmp_path, monkeypatch, capfdbinary)
    os.umask(before)


@dataclass(frozen=True)
class Remote:
    """A server for the tools, and a live coverage on it."""

    newsroom: Newsroom
    slug: str

    @property
    def url(self) -> str:
        """Its address."""
        return self.newsroom.server.url

    @property
    def key(self) -> str:
        """A chief's key."""
        return self.newsroom.chief.headers["Authorization"].removeprefix("Bearer ")

    @property
    def access(self) -> list[str]:
        """The options with which a tool reaches it as a chief."""
        return ["--url", self.url, "--key", self.key]

    def read(self, path: str = "") -> dict[str, object]:
        """The coverage, or what is below it, as the newsroom reads it."""
        answer = self.newsroom.chief.get(f"/v1/coverages/{self.slug}{path}")
        return dict(answer.raise_for_status().json())

    def write(self, method: str, path: str, **payload: object) -> dict[str, object]:
        """Write as a chief."""
        chief = self.newsroom.chief
        answer = chief.request(
            method,
            f"/v1/coverages/{self.slug}{path}",
            json=payload or None,
            headers={"If-Match": "*"},
        )
        return dict(answer.raise_for_status().json())


@pytest.fixture
def remote(newsroom: Newsroom, slug: str) -> Remote:
    """The tests' own server with a new live coverage."""
    return Remote(newsroom, slug)


@pytest.fixture
def operator(tool: Tool, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> Tool:
    """`dateline` on the database of the tests' own server, as its operator runs it."""
    settings = newsroom.server.environment
    monkeypatch.setenv("DATELINE_DATABASE_URL", settings["DATELINE_DATABASE_URL"])
    return tool
