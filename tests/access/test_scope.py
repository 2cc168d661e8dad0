"""Tests of scope: callers with a role in one coverage neither read nor change another."""

from itertools import product
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.access.matrix import COVERAGES, SECRETS, Matrix
from tests.access.rules import LIVE, PLAN
from tests.callers import NOBODY, ApiCaller
from tests.routes import all_routes

ROUTES = [route for route in all_routes() if not route.startswith("SOCKET")]
UNSAFE = [route for route in ROUTES if route.split()[0] in {"POST", "PUT", "PATCH", "DELETE"}]
READING = [route for route in ROUTES if route.startswith("GET /v1/coverages/{slug}")]
FOREIGN = ["https://elsewhere.example", "null", ""]
HEADER_VARIANTS = [
    {},
    {"Accept": "text/html"},
    {"Accept-Encoding": "gzip"},
    {"Accept-Encoding": "identity", "If-None-Match": '"x"'},
    {"Idempotency-Key": "the same for everybody"},
    {"If-Match": '"1"'},
]


def _by_session(matrix: Matrix, coverage: str | None = None, role: str = "chief") -> ApiCaller:
    callers = (
        a for a in matrix.callers if (a.door, a.coverage, a.role) == ("session", coverage, role)
    )
    return next(callers)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_word_of_another_coverage_reaches_whoever_has_no_role_in_it(
    matrix: Matrix, data: st.DataObject
):
    """No response contains a draft's text for a caller without a role in its coverage.

    Routes are requested with the draft's id, under its own coverage and under another. The draft is
    not changed.
    """
    private = data.draw(st.sampled_from(COVERAGES))
    outside = [caller for caller in matrix.callers if caller.role_in(private) is None]
    caller = data.draw(st.sampled_from(outside))
    route = data.draw(st.sampled_from(ROUTES))
    coverage = data.draw(st.sampled_from(COVERAGES))
    headers = data.draw(st.sampled_from(HEADER_VARIANTS))
    answer = matrix.ask(route, caller, coverage, matrix.drafts[private], **headers)
    assert answer.status_code < 500
    assert SECRETS[private] not in answer.text + str(answer.headers)
    draft = matrix.chief.get(f"/v1/coverages/{private}/drafts/{matrix.drafts[private]}")
    assert draft.json()["headline"] == f"Draft {SECRETS[private]}"


@pytest.mark.parametrize("query", ["before", "after"])
def test_a_draft_is_no_place_in_a_list(matrix: Matrix, query: str):
    """A draft's id as `before` or `after` is a 404, like an unknown id."""
    for entry_id in matrix.drafts[LIVE], matrix.drafts[PLAN], "no-such-entry":
        answer = matrix.client(NOBODY).get(
            f"/v1/coverages/{LIVE}/entries", params={query: entry_id}
        )
        assert answer.status_code == 404


@pytest.mark.parametrize("route", READING)
@pytest.mark.parametrize("credential", ["key", "session"])
def test_what_the_newsroom_is_shown_is_kept_for_nobody_else(
    matrix: Matrix, route: str, credential: str
):
    """The response to a member of the newsroom is not cached for the reader who asks next."""
    insider = next(a for a in matrix.callers if (a.door, a.role_in(PLAN)) == (credential, "chief"))
    first = matrix.ask(route, insider, PLAN, matrix.drafts[PLAN])
    assert first.status_code == 404 or "no-store" in first.headers["cache-control"]
    public = matrix.ask(route, NOBODY, PLAN, matrix.drafts[PLAN])
    assert public.status_code in {401, 404}
    assert SECRETS[PLAN] not in public.text
    repeated = matrix.ask(route, insider, PLAN, matrix.drafts[PLAN])
    assert _without_clock(repeated) == _without_clock(first)


def test_a_cookie_behind_another_is_seen(matrix: Matrix):
    """A session cookie is recognized in any of several `Cookie` header lines."""
    cookie = _by_session(matrix).headers["Cookie"]
    for cookies in (cookie, "theme=dark"), ("theme=dark", cookie):
        headers = [("Cookie", value) for value in cookies]
        answer = httpx.get(f"{matrix.server.url}/v1/coverages/{PLAN}", headers=headers)
        assert answer.status_code == 200
    assert matrix.client(NOBODY).get(f"/v1/coverages/{PLAN}").status_code == 404


def _without_clock(answer: httpx.Response) -> Any:
    """Return a response's content without the server's time in `now`."""
    if "json" not in answer.headers.get("content-type", ""):
        return answer.content
    document = answer.json()
    return {name: value for name, value in document.items() if name != "now"}


def _state(matrix: Matrix, caller: ApiCaller) -> list[Any]:
    paths = [f"/v1/coverages/{slug}{below}" for slug in COVERAGES for below in ("", "/drafts")]
    answers = [matrix.chief.get(path) for path in (*paths, "/v1/keys")]
    signed_in = matrix.ask("GET /desk", caller, LIVE).status_code
    return [*(_without_clock(answer) for answer in answers), signed_in, _last_action(matrix)]


def _last_action(matrix: Matrix) -> Any:
    """Return the newest audit entry that is not a refusal."""
    address = "/v1/audit?limit=100"
    while address:
        page = matrix.chief.get(address).json()
        for entry in page["audit"]:
            if not entry["action"].startswith("refuse"):
                return entry
        address = page["next"]
    return None


def test_another_sites_page_changes_nothing_with_our_cookie(matrix: Matrix):
    """A write with a foreign, null or missing `Origin` is a 403 and changes nothing."""
    chief = _by_session(matrix)
    before = _state(matrix, chief)
    for route, origin in product(UNSAFE, FOREIGN):
        answer = matrix.ask(route, chief, LIVE, matrix.drafts[LIVE], origin=origin)
        assert answer.status_code == 403, (route, origin)
    assert _state(matrix, chief) == before


@pytest.mark.parametrize("origin", FOREIGN[:2])
def test_another_sites_socket_is_a_readers(matrix: Matrix, origin: str):
    """A WebSocket with a session but a foreign `Origin` has a reader's access."""
    chief = _by_session(matrix)
    assert matrix.hears(chief, PLAN)
    assert not matrix.hears(chief, PLAN, Origin=origin)
    assert matrix.hears(chief, LIVE, Origin=origin)


@pytest.mark.parametrize("route", ROUTES)
def test_no_page_elsewhere_may_read_with_our_cookie(matrix: Matrix, route: str):
    """No response allows credentials cross-origin."""
    answer = matrix.ask(route, _by_session(matrix, role="contributor"), PLAN, origin=FOREIGN[0])
    assert "access-control-allow-credentials" not in answer.headers


def test_no_page_elsewhere_may_send_a_key(matrix: Matrix):
    """A CORS preflight for `Authorization`, or for a JSON write, is refused."""
    for method, header in ("GET", "authorization"), ("POST", "content-type"):
        answer = matrix.client(NOBODY).options(
            f"/v1/coverages/{LIVE}/entries",
            headers={
                "Origin": FOREIGN[0],
                "Access-Control-Request-Method": method,
                "Access-Control-Request-Headers": header,
            },
        )
        assert answer.status_code == 400
