"""The permission matrix: every route of the router, requested by callers of every role."""

import pytest

from tests.access.matrix import COVERAGES, Matrix
from tests.access.rules import OF_DRAFTS, ROUTE_CASES
from tests.routes import all_routes

ROUTES = all_routes()


def test_every_route_has_its_rule_and_every_rule_its_route():
    """Every route has a rule, and every rule a route."""
    assert set(ROUTES) - set(ROUTE_CASES) == set()
    assert set(ROUTE_CASES) | OF_DRAFTS == set(ROUTES)


@pytest.mark.parametrize("route", ROUTES)
def test_everybody_is_let_in_as_far_as_the_rule_says(matrix: Matrix, route: str, is_full: bool):
    """Each caller's outcome is the one that the route's rule expects.

    Callers are anonymous, keys and sessions of each role, in the newsroom, this coverage or
    another.
    """
    callers = matrix.callers if is_full else matrix.representatives(route)
    coverages = COVERAGES if "{slug}" in route or "oembed" in route else COVERAGES[:1]
    for coverage in coverages:
        outcomes = {caller.name: matrix.judge(route, caller, coverage) for caller in callers}
        rule = ROUTE_CASES[route].rule
        assert outcomes == {caller.name: rule(caller, coverage) for caller in callers}, coverage
