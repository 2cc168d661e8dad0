"""Promises of a planned coverage: whole answers are those of a slug that nothing has."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import httpx
import pytest

from tests.access.matrix import SECRETS, Matrix
from tests.access.rules import ABSENT, DOORS, PLAN
from tests.callers import Asker
from tests.routes import all_routes

ROUTES = [route for route in all_routes() if not route.startswith("SOCKET")]
# Those whose address or query names a coverage.
NAMED: dict[str, tuple[Mapping[str, str], ...]] = {
    route: ({},) for route in ROUTES if "{slug}" in route and "problems" not in route
} | {
    "GET /": ({"after": "SLUG"},),
    "GET /desk": ({"after": "SLUG"},),
    "GET /desk/audit": ({"coverage": "SLUG"},),
    "GET /v1/audit": ({"coverage": "SLUG"},),
    "GET /v1/desk": ({"coverage": "SLUG"},),
    "GET /v1/events": (
        {"coverage": "SLUG"},
        {"coverage": "SLUG", "after": "0"},
        {"coverage": "SLUG", "after": "SLUG:none-7", "format": "html"},
    ),
    "GET /v1/coverages": ({"after": "SLUG"}, {"after": "SLUG", "status": "planned"}),
    "GET /oembed": (
        {},
        {"url": "URL/coverages/SLUG/entries/none"},
        {"format": "xml"},
    ),
    "GET /coverages/{slug}": (
        {},
        {"at": "2999-01-01T00:00:00Z"},
        {"before": "none"},
        {"lite": "1"},
    ),
    "GET /coverages/{slug}/embed": ({}, {"key_events": "true"}),
    "GET /v1/coverages/{slug}/entries": ({}, {"at": "2999-01-01T00:00:00Z"}, {"before": "none"}),
    "GET /v1/coverages/{slug}/events": (
        {},
        {"after": "0"},
        {"after": "none-7"},
        {"wait": "1"},
        {"format": "html"},
    ),
    "GET /desk/coverages/{slug}": ({}, {"before": "none"}),
}
MANNERS: tuple[dict[str, str], ...] = (
    {},
    {"Accept": "text/html"},
    {"Accept": "text/event-stream"},
    {"If-None-Match": "*", "Accept-Encoding": "gzip"},
    {"If-Match": "*", "Idempotency-Key": "one key"},
)
# Made anew for every answer, whatever was asked.
_OF_THE_MOMENT = {"date", "retry-after", "server-timing", "x-request-id"}
_NONCE = re.compile(r"nonce-[A-Za-z0-9_=+/-]+|nonce=\"[^\"]+\"")


@dataclass(frozen=True)
class Whole:
    """All of an answer that somebody could tell another one from it by."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str


def whole(answer: httpx.Response, slug: str) -> Whole:
    """An answer with the slug that was asked for taken out of it."""

    def neutral(text: str) -> str:
        return _NONCE.sub("NONCE", text.replace(slug, "SLUG"))

    headers = (
        (name, neutral(value))
        for name, value in answer.headers.multi_items()
        if name not in _OF_THE_MOMENT
    )
    return Whole(answer.status_code, tuple(sorted(headers)), neutral(answer.text))


@pytest.fixture(scope="session")
def outsiders(matrix: Matrix, is_full: bool) -> list[Asker]:
    """Those without a role in the plan; readers and chiefs of elsewhere get furthest."""
    return [
        asker
        for asker in matrix.askers
        if asker.role_in(PLAN) is None and (is_full or asker.role in {None, "chief"})
    ]


def test_every_route_that_takes_a_slug_is_compared():
    """A new query member or path with a slug cannot be forgotten here."""
    by_query = {route for route, door in DOORS.items() if "SLUG" in str(door.query)}
    by_path = {route for route in ROUTES if "{slug}" in route and "problems" not in route}
    assert (by_query | by_path) <= set(NAMED)


@pytest.mark.parametrize("route", sorted(NAMED))
def test_a_plan_is_told_from_nothing_by_no_part_of_an_answer(
    matrix: Matrix, outsiders: list[Asker], route: str, is_full: bool
):
    """Status, headers and body are those of an unknown slug, to readers and to other coverages."""
    for asker in outsiders:
        for query in NAMED[route]:
            # In every manner for those who get furthest; in the ordinary run, for readers.
            is_thorough = asker.role is None or (is_full and asker.role == "chief")
            for headers in MANNERS if is_thorough else MANNERS[:1]:
                seen = [
                    whole(
                        matrix.ask(route, asker, slug, matrix.drafts[PLAN], query=query, **headers),
                        slug,
                    )
                    for slug in (PLAN, ABSENT)
                ]
                assert seen[0] == seen[1], (asker.name, query, headers)


@pytest.mark.parametrize("route", sorted(r for r in NAMED if r.startswith("GET")))
def test_head_tells_no_more_than_get(matrix: Matrix, outsiders: list[Asker], route: str):
    """A HEAD of a plan's address is answered as one of an unknown slug."""
    for asker in outsiders:
        client, query = matrix.client(asker), NAMED[route][0]
        seen = []
        for slug in PLAN, ABSENT:
            address = matrix.address(route, slug, matrix.drafts[PLAN], "tab")
            members = {**DOORS[route].query, **query}
            members = {
                n: v.replace("URL", matrix.server.url).replace("SLUG", slug)
                for n, v in members.items()
            }
            seen.append(whole(client.head(address, params=members), slug))
        assert seen[0] == seen[1], asker.name


@pytest.mark.parametrize("after", ["", "0", "none-7"])
def test_a_plans_socket_closes_like_an_unknown_one(
    matrix: Matrix, outsiders: list[Asker], after: str
):
    """The code and the reason are the same, whichever cursor is asked for."""
    for asker in outsiders:
        assert matrix.listen(asker, PLAN, after) == matrix.listen(asker, ABSENT, after)


@pytest.mark.parametrize("route", [r for r in ROUTES if r.startswith("GET") and r not in NAMED])
def test_no_answer_about_something_else_names_a_plan(
    matrix: Matrix, outsiders: list[Asker], route: str
):
    """Lists, sitemaps and pages name neither its slug nor its title to those outside it."""
    for asker in outsiders:
        answer = matrix.ask(route, asker, PLAN)
        assert PLAN not in answer.text + str(answer.headers), asker.name
        assert SECRETS[PLAN] not in answer.text
