"""Tests of who may read and change templates that exist."""

import pytest

from app.access.roles import ROLES
from tests.access.matrix import Matrix
from tests.access.rules import LIVE, PLAN
from tests.callers import ApiCaller

PATH = "/v1/templates"


def _callers(matrix: Matrix) -> list[ApiCaller]:
    return [caller for caller in matrix.callers if caller.door in {"key", "none"}]


def _role(caller: ApiCaller, coverage: str | None) -> int:
    role = caller.role_in(coverage)
    return ROLES.index(role) if role else -1


@pytest.mark.parametrize("coverage", [None, LIVE, PLAN])
def test_a_template_belongs_to_those_who_write_where_it_is_offered(
    matrix: Matrix, coverage: str | None
) -> None:
    """Whoever writes there may read it, its chiefs may change it, for others it does not exist.

    A template of the newsroom may be read by everybody with any role, and changed by chiefs of the
    whole newsroom.
    """
    form = {"name": "Secret", "body": "{x}", "coverage": coverage}
    created = matrix.chief.post(PATH, json=form).raise_for_status().json()
    address = f"{PATH}/{created['id']}"
    for caller in _callers(matrix):
        client, role = matrix.client(caller), _role(caller, coverage)
        reads = role >= 0 or (coverage is None and caller.role is not None)
        hidden = 401 if caller.role is None else 404
        assert client.get(address).status_code == (200 if reads else hidden), caller.name
        listed = client.get(PATH, params={"coverage": coverage} if coverage else {})
        assert (created["id"] in listed.text) is reads, caller.name
        is_chief = role == ROLES.index("chief")
        # Not even its existence is told to chiefs of other coverages; lower roles are told theirs.
        other = caller.role == "chief" and coverage is not None
        refused = 401 if caller.role is None else 404 if other else 403
        changed = client.patch(address, json={}).status_code
        assert changed == (200 if is_chief else refused), caller.name
        if not is_chief:
            assert client.delete(address).status_code == refused, caller.name
            made = client.post(PATH, json=form).status_code
            assert made == (401 if caller.role is None else 403), caller.name
    assert matrix.chief.delete(address).status_code == 200


def test_a_chief_of_one_coverage_has_its_page_of_templates_and_no_other(matrix: Matrix) -> None:
    """Their coverage's page is shown; the newsroom's and other coverages' are refused."""
    chiefs = [c for c in matrix.callers if c.door == "session" and c.role == "chief"]
    for caller in chiefs:
        client = matrix.client(caller)
        for coverage in (None, LIVE, PLAN):
            query = f"?coverage={coverage}" if coverage else ""
            status = client.get(f"/desk/templates{query}").status_code
            assert status == (200 if caller.role_in(coverage) else 403), (caller.name, coverage)
