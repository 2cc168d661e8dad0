"""Helpers that run servers with settings, and create clients, keys and coverages."""

import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from tests.conftest import Newsroom
from tests.contract.timeline import Timeline
from tests.dateline import DatelineServer, running_server


@contextmanager
def running_newsroom(folder: Path, **settings: str) -> Iterator[Newsroom]:
    """Run a server with these settings; yields it with a client for each role."""
    with running_server(folder, **settings) as server, ExitStack() as clients:
        chief = clients.enter_context(client_of(server, server.key("chief")))
        editor = clients.enter_context(client_of(server, new_key(chief, "editor")))
        contributor = clients.enter_context(client_of(server, new_key(chief, "contributor")))
        reader = clients.enter_context(client_of(server))
        yield Newsroom(server, chief, editor, contributor, reader)


def client_of(server: DatelineServer, key: str | None = None) -> httpx.Client:
    """Return a client with this API key; None for a reader."""
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    return httpx.Client(base_url=server.url, headers=headers, timeout=120)


def new_key(chief: httpx.Client, role: str) -> str:
    """Create an API key of this role; returns its secret."""
    answer = chief.post("/v1/keys", json={"name": f"a {role}", "role": role})
    assert answer.status_code == 201, answer.text
    key: str = answer.json()["key"]
    return key


def new_timeline(newsroom: Newsroom, slug: str, **fields: object) -> Timeline:
    """Open a coverage with this slug."""
    answer = newsroom.chief.post("/v1/coverages", json={"slug": slug, "title": "A test", **fields})
    assert answer.status_code == 201, answer.text
    return Timeline(newsroom, slug)


def new_slug() -> str:
    """Return a unique slug."""
    return f"s{uuid.uuid4().hex}"
