"""Item 4: endpoints whose responses reveal a planned coverage."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx

from bench.dateline import SLUG
from bench.holes.hole import Hole
from bench.holes.newsroom import Newsroom, newsroom

_PLAN, _NONE = "planned-page", "no-such-page"  # of equal length, so that responses are too
_PAGES = ("", "/embed", "/feed.atom", "/feed.json", "/entries/nope")
_DESK = ("", "/settings")
_CHANGING = re.compile(r"\d\d:\d\d:\d\d|nonce-?=?[\"']?[\w+/=-]+")


def _endpoints(room: Newsroom) -> Iterator[tuple[str, str]]:
    """Yield methods and paths with a slug, from the OpenAPI document and the reader's pages."""
    paths = room.chief.get("/openapi.json").raise_for_status().json()["paths"]
    for path, methods in paths.items():
        if "{slug}" in path:
            yield from ((m.upper(), _filled(path)) for m in methods if m != "parameters")
    yield from (("GET", f"/coverages/SLUG{page}") for page in _PAGES)
    yield "GET", f"/oembed?url={room.url}/coverages/SLUG"
    yield "GET", "/v1/desk?coverage=SLUG"
    yield "GET", "/v1/events?coverage=SLUG"


def _filled(path: str) -> str:
    return re.sub(r"\{[^}]+\}", "0123456789abcdef", path.replace("{slug}", "SLUG"))


def _differ(client: httpx.Client, method: str, path: str) -> bool:
    return _asked(client, method, path, _PLAN) != _asked(client, method, path, _NONE)


def _asked(client: httpx.Client, method: str, path: str, slug: str) -> tuple[int, object, str]:
    answer = client.request(method, path.replace("SLUG", slug))
    fields: Mapping[str, str] = {
        name: _CHANGING.sub("", value).replace(slug, "SLUG")
        for name, value in answer.headers.items()
        if name not in {"date", "retry-after", "etag"}
    }
    return answer.status_code, fields, _CHANGING.sub("", answer.text.replace(slug, "SLUG"))


def _count(room: Newsroom, client: httpx.Client, endpoints: Iterator[tuple[str, str]]) -> str:
    plan = {"slug": _PLAN, "title": "What nobody knows yet", "status": "planned"}
    room.chief.post("/v1/coverages", json=plan).raise_for_status()
    listed = list(endpoints)
    differing = [f"{method} {path}" for method, path in listed if _differ(client, method, path)]
    return f"{len(differing)} of {len(listed)} endpoints"


def _to_nobody(program: Path) -> str:
    with newsroom(program) as room, room.client() as client:
        return _count(room, client, _endpoints(room))


def _to_a_contributor(program: Path) -> str:
    with newsroom(program) as room, room.with_key("contributor") as client:
        return _count(room, client, _endpoints(room))


def _at_the_desk(program: Path) -> str:
    with newsroom(program) as room:
        room.join("another", role="contributor", coverage=SLUG)
        with room.signed_in("another") as browser:
            endpoints = (("GET", f"/desk/coverages/SLUG{page}") for page in _DESK)
            return _count(room, browser, endpoints)


HOLES = (
    Hole(4, "endpoints that reveal a planned coverage to a reader", _to_nobody),
    Hole(4, "endpoints that reveal a planned coverage to a key for another one", _to_a_contributor),
    Hole(4, "pages of the desk that reveal a planned coverage", _at_the_desk),
)
