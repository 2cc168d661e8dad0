"""Fixtures for all tests: a real server, and a client for each role."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.dateline import DatelineServer, running_server

pytest_plugins = ["tests.profiles", "tests.databases", "tests.full"]

# Tests use plain HTTP. Each client would load the system's certificates, which takes longer than
# most of its requests: this folder has none.
os.environ.pop("SSL_CERT_FILE", None)
os.environ["SSL_CERT_DIR"] = str(Path(__file__).parent)

# No speed is asserted: on a busy machine a response may take longer than httpx's default timeout of
# five seconds.
_DEFAULT = httpx._config.DEFAULT_TIMEOUT_CONFIG
_DEFAULT.connect = _DEFAULT.read = _DEFAULT.write = _DEFAULT.pool = 120


@dataclass(frozen=True)
class Newsroom:
    """A running server and a client for each role; `reader` has no key."""

    server: DatelineServer
    chief: httpx.Client
    editor: httpx.Client
    contributor: httpx.Client
    reader: httpx.Client


@pytest.fixture(scope="session")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """One server for all tests that do not restart it; each test uses its own coverages."""
    with running_server(tmp_path_factory.mktemp("newsroom")) as server:
        clients = [
            httpx.Client(
                base_url=server.url,
                headers={"Authorization": f"Bearer {server.key(role)}"},
                timeout=120,
            )
            for role in ("chief", "editor", "contributor")
        ]
        reader = httpx.Client(base_url=server.url, timeout=120)
        yield Newsroom(server, *clients, reader)
        for client in (*clients, reader):
            client.close()


@pytest.fixture
def slug(newsroom: Newsroom, request: pytest.FixtureRequest) -> str:
    """Open a live coverage; returns its slug."""
    name = f"c{abs(hash((request.node.nodeid, id(request)))):x}"
    answer = newsroom.chief.post("/v1/coverages", json={"slug": name, "title": "A test"})
    answer.raise_for_status()
    return name
