"""The ASVS table in docs/security.md: every requirement once, and only tests that exist."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "security.md"
NUMBER = re.compile(r"\d+\.\d+\.\d+")
TEST = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
NOTHING = "none"
WITHOUT_TEST = {"review", NOTHING}


def _known() -> dict[str, str]:
    """Return the level of each requirement of levels 1 and 2."""
    text = (Path(__file__).parent / "asvs_5_0.txt").read_text()
    rows = (line.split() for line in text.splitlines() if not line.startswith("#"))
    return dict(rows)


def _rows() -> list[list[str]]:
    """Return the cells of each table row that begins with a requirement's number."""
    lines = DOCUMENT.read_text().splitlines()
    cells = ([cell.strip() for cell in line.strip("|").split(" | ")] for line in lines)
    return [row for row in cells if NUMBER.match(row[0])]


@cache
def _tests(path: Path) -> frozenset[str]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    tree = ast.parse(path.read_text())
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, functions))


def test_every_row_of_the_standard_is_there_once() -> None:
    """Every requirement of levels 1 and 2 is listed once, and no other."""
    listed = Counter(number for row in _rows() for number in NUMBER.findall(row[0]))
    assert listed == Counter(_known().keys())


def test_every_row_has_its_level() -> None:
    """Each row has the level of the standard."""
    for row in _rows():
        if len(row) > 2:  # rows of requirements that do not apply have no level
            assert row[1] == _known()[row[0]], row[0]


def test_every_test_that_is_named_is_there() -> None:
    """Every named test exists in its file."""
    named = TEST.findall(DOCUMENT.read_text())
    assert len(named) > 200
    for path, name in named:
        assert (ROOT / "tests" / path).is_file(), path
        assert name in _tests(ROOT / "tests" / path), f"{path}::{name}"


def test_every_row_says_by_what_it_is_known() -> None:
    """Each row names tests or `review`; `none` only if it falls short or is the operator's task."""
    for row in _rows():
        if len(row) == 2:
            assert row[1], row[0]
            continue
        _, _, requirement, explanation, tests = row
        assert requirement, row[0]
        assert explanation, row[0]
        remainder = TEST.sub("", tests).strip(" ,")
        assert remainder in WITHOUT_TEST | {""}, f"{row[0]}: {remainder}"
        if remainder == NOTHING:
            assert "**Short" in explanation or "Operator:**" in explanation, row[0]
