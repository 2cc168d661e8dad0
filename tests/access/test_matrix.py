"""The permission matrix: every route of the router, asked for real by everybody."""

import pytest

from tests.access.matrix import COVERAGES, Matrix
from tests.access.rules import DOORS, OF_DRAFTS
from tests.routes import all_routes

ROUTES = all_routes()


def test_every_route_has_its_rule_and_every_rule_its_route():
    """A route that nobody has thought about is found here."""
    assert set(ROUTES) - set(DOORS) == set()
    assert set(DOORS) | OF_DRAFTS == set(ROUTES)


@pytest.mark.parametrize("route", ROUTES)
def test_everybody_is_let_in_as_far_as_the_rule_says(matrix: Matrix, route: str, is_full: bool):
    """Nobody, keys and sessions; each role, in the newsroom, this coverage or another one."""
    askers = matrix.askers if is_full else matrix.representatives(route)
    coverages = COVERAGES if "{slug}" in route or "oembed" in route else COVERAGES[:1]
    for coverage in coverages:
        found = {asker.name: matrix.judge(route, asker, coverage) for asker in askers}
        rule = DOORS[route].rule
        assert found == {asker.name: rule(asker, coverage) for asker in askers}, coverage
