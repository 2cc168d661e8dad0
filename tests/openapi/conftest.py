"""A server that has the resources of the OpenAPI document's examples."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.dateline import DatelineServer, running_server


@dataclass(frozen=True)
class Described:
    """A running server, its OpenAPI document and a chief's key."""

    server: DatelineServer
    document: dict[str, Any]
    key: str

    def client(self) -> httpx.Client:
        """Return a client with the key."""
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=self.server.url, headers=headers, timeout=120)


@contextmanager
def described_server(folder: Path) -> Iterator[Described]:
    """Run a server that has imported the document's example of an archive."""
    # The desk's stream is read to its end like any other answer, so its lifetime is short.
    with running_server(folder, stream_lifetime="0.05") as server:
        document = httpx.get(f"{server.url}/openapi.json").raise_for_status().json()
        described = Described(server, document, server.key("chief"))
        body = document["paths"]["/v1/imports"]["post"]["requestBody"]
        media_type, content = next(iter(body["content"].items()))
        with described.client() as client:
            headers = {"Content-Type": media_type}
            client.post(
                "/v1/imports", content=content["example"], headers=headers
            ).raise_for_status()
        yield described


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Described]:
    """Such a server per file, for tests that do not change its data."""
    with described_server(tmp_path_factory.mktemp("described")) as described:
        yield described
