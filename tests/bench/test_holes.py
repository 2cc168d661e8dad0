"""The security comparison is run against real servers, and covers every item."""

import pytest

from bench.dateline import ROOT
from bench.holes import HOLES, Finding, measure_holes, tabulate_holes

CHEAP = "keys show who made them"


@pytest.mark.full("two servers")
def test_a_hole_is_played_against_each_program() -> None:
    """A hole is tried as an outsider against each checkout, and gets a cell for each."""
    (finding,) = measure_holes([ROOT, ROOT], [CHEAP], lambda _: None)
    assert finding == Finding(6, CHEAP, ("yes", "yes"))
    table = tabulate_holes([finding])
    assert "as it was" in table.splitlines()[0]
    assert table.splitlines()[2].count("yes") == 2


def test_every_item_has_holes_and_no_two_rows_are_alike() -> None:
    """Every item has a hole, and the names are unique, as holes are selected by them."""
    assert {hole.item for hole in HOLES} == set(range(1, 10))
    assert len({hole.name for hole in HOLES}) == len(HOLES)
