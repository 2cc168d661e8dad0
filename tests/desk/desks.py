"""Desks of people: who they are, and what they ask of a coverage's desk."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from httpx_sse import EventSource

from tests.dateline import DatelineServer, running_server
from tests.signed_in import sign_in, take_in

Json = dict[str, Any]
_PATIENCE = 60.0  # seconds for something that is sure to come


@contextmanager
def running_desk(folder: Path, **settings: str) -> Iterator[tuple[DatelineServer, httpx.Client]]:
    """A server with one editor, who is signed in."""
    with running_server(folder, **settings) as server:
        take_in(server, "chief@example.org", "Chief", "chief")
        with sign_in(server, "chief@example.org") as chief:
            yield server, chief


def open_coverage(chief: httpx.Client, slug: str) -> str:
    """Open a coverage; gives its address."""
    answer = chief.post("/v1/coverages", json={"slug": slug, "title": "A test"})
    assert answer.status_code == 201, answer.text
    return f"/v1/coverages/{slug}"


def written(answer: httpx.Response) -> Json:
    """What was written, or was asked for; it must have been granted."""
    assert answer.is_success, answer.text
    told: Json = answer.json()
    return told


@contextmanager
def open_bell(client: httpx.Client, path: str) -> Iterator[Iterator[str]]:
    """The hints at a coverage's desk, as they come."""
    slug = path.rpartition("/")[2]
    with open_bells(client, slug) as hints:
        yield (event for event, coverage in hints if coverage == slug)


@contextmanager
def open_bells(client: httpx.Client, *slugs: str) -> Iterator[Iterator[tuple[str, str]]]:
    """The hints at the desks of coverages, on one stream: what has changed, and where."""
    asked = {"coverage": slugs}
    with client.stream("GET", "/v1/desk", params=asked, timeout=_PATIENCE) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        frames = EventSource(answer).iter_sse()
        yield ((frame.event, frame.json()["coverage"]) for frame in frames if frame.data)
