"""Promises to those who write in one coverage: nobody from another one reads or changes it."""

from itertools import product
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.access.matrix import COVERAGES, SECRETS, Matrix
from tests.access.rules import LIVE, PLAN
from tests.callers import NOBODY, Asker
from tests.routes import all_routes

ROUTES = [route for route in all_routes() if not route.startswith("SOCKET")]
UNSAFE = [route for route in ROUTES if route.split()[0] in {"POST", "PUT", "PATCH", "DELETE"}]
READING = [route for route in ROUTES if route.startswith("GET /v1/coverages/{slug}")]
FOREIGN = ["https://elsewhere.example", "null", ""]
ASKING = [
    {},
    {"Accept": "text/html"},
    {"Accept-Encoding": "gzip"},
    {"Accept-Encoding": "identity", "If-None-Match": '"x"'},
    {"Idempotency-Key": "the same for everybody"},
    {"If-Match": '"1"'},
]


def _by_session(matrix: Matrix, coverage: str | None = None, role: str = "chief") -> Asker:
    found = (
        a for a in matrix.askers if (a.door, a.coverage, a.role) == ("session", coverage, role)
    )
    return next(found)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_word_of_another_coverage_reaches_whoever_has_no_role_in_it(
    matrix: Matrix, data: st.DataObject
):
    """Whichever way is tried: its own addresses, or those of another with its entries' ids."""
    private = data.draw(st.sampled_from(COVERAGES))
    outside = [asker for asker in matrix.askers if asker.role_in(private) is None]
    asker = data.draw(st.sampled_from(outside))
    route = data.draw(st.sampled_from(ROUTES))
    coverage = data.draw(st.sampled_from(COVERAGES))
    headers = data.draw(st.sampled_from(ASKING))
    answer = matrix.ask(route, asker, coverage, matrix.drafts[private], **headers)
    assert answer.status_code < 500
    assert SECRETS[private] not in answer.text + str(answer.headers)
    still = matrix.chief.get(f"/v1/coverages/{private}/drafts/{matrix.drafts[private]}")
    assert still.json()["headline"] == f"Draft {SECRETS[private]}"


@pytest.mark.parametrize("query", ["before", "after"])
def test_a_draft_is_no_place_in_a_list(matrix: Matrix, query: str):
    """Its id says nothing to readers, not even whether it is there."""
    for entry_id in matrix.drafts[LIVE], matrix.drafts[PLAN], "no-such-entry":
        answer = matrix.client(NOBODY).get(
            f"/v1/coverages/{LIVE}/entries", params={query: entry_id}
        )
        assert answer.status_code == 404


@pytest.mark.parametrize("route", READING)
@pytest.mark.parametrize("door", ["key", "session"])
def test_what_the_newsroom_is_shown_is_kept_for_nobody_else(matrix: Matrix, route: str, door: str):
    """The plan's answer to those who work in it is not given to the reader who asks next."""
    insider = next(a for a in matrix.askers if (a.door, a.role_in(PLAN)) == (door, "chief"))
    seen = matrix.ask(route, insider, PLAN, matrix.drafts[PLAN])
    assert seen.status_code == 404 or "no-store" in seen.headers["cache-control"]
    after = matrix.ask(route, NOBODY, PLAN, matrix.drafts[PLAN])
    assert after.status_code in {401, 404}
    assert SECRETS[PLAN] not in after.text
    again = matrix.ask(route, insider, PLAN, matrix.drafts[PLAN])
    assert _timeless(again) == _timeless(seen)


def test_a_cookie_behind_another_is_seen(matrix: Matrix):
    """Whoever sends two lines of cookies is not taken for a reader, whichever is the last."""
    cookie = _by_session(matrix).headers["Cookie"]
    for lines in (cookie, "theme=dark"), ("theme=dark", cookie):
        headers = [("Cookie", line) for line in lines]
        answer = httpx.get(f"{matrix.server.url}/v1/coverages/{PLAN}", headers=headers)
        assert answer.status_code == 200
    assert matrix.client(NOBODY).get(f"/v1/coverages/{PLAN}").status_code == 404


def _timeless(answer: httpx.Response) -> Any:
    """What an answer says, but for the server's clock, which the desk is told with its drafts."""
    if "json" not in answer.headers.get("content-type", ""):
        return answer.content
    said = answer.json()
    return {name: value for name, value in said.items() if name != "now"}


def _state(matrix: Matrix, asker: Asker) -> list[Any]:
    paths = [f"/v1/coverages/{slug}{below}" for slug in COVERAGES for below in ("", "/drafts")]
    answers = [matrix.chief.get(path) for path in (*paths, "/v1/keys")]
    signed_in = matrix.ask("GET /desk", asker, LIVE).status_code
    return [*(_timeless(answer) for answer in answers), signed_in, _last_deed(matrix)]


def _last_deed(matrix: Matrix) -> Any:
    """The newest line of the audit that is no refusal."""
    address = "/v1/audit?limit=100"
    while address:
        page = matrix.chief.get(address).json()
        for line in page["audit"]:
            if not line["action"].startswith("refuse"):
                return line
        address = page["next"]
    return None


def test_another_sites_page_changes_nothing_with_our_cookie(matrix: Matrix):
    """A 403 at every route, be its Origin foreign, hidden or missing; and all is as it was."""
    chief = _by_session(matrix)
    before = _state(matrix, chief)
    for route, origin in product(UNSAFE, FOREIGN):
        answer = matrix.ask(route, chief, LIVE, matrix.drafts[LIVE], origin=origin)
        assert answer.status_code == 403, (route, origin)
    assert _state(matrix, chief) == before


@pytest.mark.parametrize("origin", FOREIGN[:2])
def test_another_sites_socket_is_a_readers(matrix: Matrix, origin: str):
    """With our cookie it hears what is public, and of a plan nothing."""
    chief = _by_session(matrix)
    assert matrix.hears(chief, PLAN)
    assert not matrix.hears(chief, PLAN, Origin=origin)
    assert matrix.hears(chief, LIVE, Origin=origin)


@pytest.mark.parametrize("route", ROUTES)
def test_no_page_elsewhere_may_read_with_our_cookie(matrix: Matrix, route: str):
    """Nothing allows credentials, without which browsers show the answer to nobody."""
    answer = matrix.ask(route, _by_session(matrix, role="contributor"), PLAN, origin=FOREIGN[0])
    assert "access-control-allow-credentials" not in answer.headers


def test_no_page_elsewhere_may_send_a_key(matrix: Matrix):
    """A browser that asks beforehand is told that it may not, and neither may it write."""
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
