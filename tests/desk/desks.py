"""Helpers for tests of the desk: a signed-in chief, coverages, and notification streams."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from httpx_sse import EventSource

from tests.dateline import DatelineServer, running_server
from tests.signed_in import sign_in, take_in

Json = dict[str, Any]
_PATIENCE = 60.0  # seconds, for events that are certain to come


@contextmanager
def running_desk(folder: Path, **settings: str) -> Iterator[tuple[DatelineServer, httpx.Client]]:
    """Run a server with one chief, who is signed in."""
    with running_server(folder, **settings) as server:
        take_in(server, "chief@example.org", "Chief", "chief")
        with sign_in(server, "chief@example.org") as chief:
            yield server, chief


def open_coverage(chief: httpx.Client, slug: str) -> str:
    """Open a coverage; returns its path."""
    answer = chief.post("/v1/coverages", json={"slug": slug, "title": "A test"})
    assert answer.status_code == 201, answer.text
    return f"/v1/coverages/{slug}"


def written(answer: httpx.Response) -> Json:
    """Return the JSON document of a response, which must be a success."""
    assert answer.is_success, answer.text
    document: Json = answer.json()
    return document


@contextmanager
def open_coverage_notifications(client: httpx.Client, path: str) -> Iterator[Iterator[str]]:
    """Open the stream of one coverage's notifications; yields their event names."""
    slug = path.rpartition("/")[2]
    with open_notifications(client, slug) as events:
        yield (event for event, coverage in events if coverage == slug)


@contextmanager
def open_notifications(client: httpx.Client, *slugs: str) -> Iterator[Iterator[tuple[str, str]]]:
    """Open one stream for several coverages; yields (event, coverage)."""
    params = {"coverage": slugs}
    with client.stream("GET", "/v1/desk", params=params, timeout=_PATIENCE) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        frames = EventSource(answer).iter_sse()
        yield ((frame.event, frame.json()["coverage"]) for frame in frames if frame.data)
