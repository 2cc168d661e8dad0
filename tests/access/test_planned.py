"""Tests of planned coverages: outsiders get the same responses as for an unknown slug."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import httpx
import pytest

from tests.access.matrix import SECRETS, Matrix
from tests.access.rules import ABSENT, PLAN, ROUTE_CASES
from tests.callers import ApiCaller
from tests.routes import all_routes

ROUTES = [route for route in all_routes() if not route.startswith("SOCKET")]
# Routes with a coverage's slug in path or query, and the queries to compare.
ROUTES_WITH_SLUG: dict[str, tuple[Mapping[str, str], ...]] = {
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
    "GET /coverages/{slug}/entries/{entry_id}": (
        {},
        {"at": "2999-01-01T00:00:00Z"},
        {"edition": "SLUG"},
    ),
    "GET /coverages/{slug}/timemap": ({}, {"page": "1"}),
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
HEADER_VARIANTS: tuple[dict[str, str], ...] = (
    {},
    {"Accept": "text/html"},
    {"Accept": "text/event-stream"},
    {"If-None-Match": "*", "Accept-Encoding": "gzip"},
    {"If-Match": "*", "Idempotency-Key": "one key"},
)
# These differ between any two responses.
_VARYING_HEADERS = {"date", "retry-after", "server-timing", "x-request-id"}
_NONCE = re.compile(r"nonce-[A-Za-z0-9_=+/-]+|nonce=\"[^\"]+\"")


@dataclass(frozen=True)
class ComparableResponse:
    """All parts of a response by which two responses could be told apart."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str


def comparable(answer: httpx.Response, slug: str) -> ComparableResponse:
    """Return a response with the requested slug replaced."""

    def replace_slug(text: str) -> str:
        return _NONCE.sub("NONCE", text.replace(slug, "SLUG"))

    headers = (
        (name, replace_slug(value))
        for name, value in answer.headers.multi_items()
        if name not in _VARYING_HEADERS
    )
    return ComparableResponse(answer.status_code, tuple(sorted(headers)), replace_slug(answer.text))


@pytest.fixture(scope="session")
def outsiders(matrix: Matrix, is_full: bool) -> list[ApiCaller]:
    """Callers without a role in the planned coverage; in an ordinary run readers and chiefs."""
    return [
        caller
        for caller in matrix.callers
        if caller.role_in(PLAN) is None and (is_full or caller.role in {None, "chief"})
    ]


def test_every_route_that_takes_a_slug_is_compared():
    """Every route with a slug in its path or query is compared."""
    by_query = {route for route, case in ROUTE_CASES.items() if "SLUG" in str(case.query)}
    by_path = {route for route in ROUTES if "{slug}" in route and "problems" not in route}
    assert (by_query | by_path) <= set(ROUTES_WITH_SLUG)


@pytest.mark.parametrize("route", sorted(ROUTES_WITH_SLUG))
def test_a_plan_is_told_from_nothing_by_no_part_of_an_answer(
    matrix: Matrix, outsiders: list[ApiCaller], route: str, is_full: bool
):
    """A planned coverage and an unknown slug give outsiders equal status, headers and body."""
    for caller in outsiders:
        for query in ROUTES_WITH_SLUG[route]:
            # All header variants for readers, and in a full run for chiefs too.
            is_thorough = caller.role is None or (is_full and caller.role == "chief")
            for headers in HEADER_VARIANTS if is_thorough else HEADER_VARIANTS[:1]:
                responses = [
                    comparable(
                        matrix.ask(
                            route, caller, slug, matrix.drafts[PLAN], query=query, **headers
                        ),
                        slug,
                    )
                    for slug in (PLAN, ABSENT)
                ]
                assert responses[0] == responses[1], (caller.name, query, headers)


@pytest.mark.parametrize("route", sorted(r for r in ROUTES_WITH_SLUG if r.startswith("GET")))
def test_head_tells_no_more_than_get(matrix: Matrix, outsiders: list[ApiCaller], route: str):
    """A HEAD request for a planned coverage is answered like one for an unknown slug."""
    for caller in outsiders:
        client, query = matrix.client(caller), ROUTES_WITH_SLUG[route][0]
        responses = []
        for slug in PLAN, ABSENT:
            address = matrix.address(route, slug, matrix.drafts[PLAN], "tab")
            members = {**ROUTE_CASES[route].query, **query}
            members = {
                n: v.replace("URL", matrix.server.url).replace("SLUG", slug)
                for n, v in members.items()
            }
            responses.append(comparable(client.head(address, params=members), slug))
        assert responses[0] == responses[1], caller.name


@pytest.mark.parametrize("after", ["", "0", "none-7"])
def test_a_plans_socket_closes_like_an_unknown_one(
    matrix: Matrix, outsiders: list[ApiCaller], after: str
):
    """A planned coverage's WebSocket closes with the code and reason of an unknown one's."""
    for caller in outsiders:
        assert matrix.listen(caller, PLAN, after) == matrix.listen(caller, ABSENT, after)


@pytest.mark.parametrize(
    "route", [r for r in ROUTES if r.startswith("GET") and r not in ROUTES_WITH_SLUG]
)
def test_no_answer_about_something_else_names_a_plan(
    matrix: Matrix, outsiders: list[ApiCaller], route: str
):
    """Lists, sitemaps and pages contain neither slug nor title of a planned coverage."""
    for caller in outsiders:
        answer = matrix.ask(route, caller, PLAN)
        assert PLAN not in answer.text + str(answer.headers), caller.name
        assert SECRETS[PLAN] not in answer.text
