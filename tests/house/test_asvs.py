"""Promises of the ASVS table in docs/security.md: every row once, and no test that is not there."""

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
    """The level of each row of levels 1 and 2."""
    text = (Path(__file__).parent / "asvs_5_0.txt").read_text()
    rows = (line.split() for line in text.splitlines() if not line.startswith("#"))
    return dict(rows)


def _rows() -> list[list[str]]:
    """The cells of each row of the document's tables that begins with a number of the standard."""
    lines = DOCUMENT.read_text().splitlines()
    cells = ([cell.strip() for cell in line.strip("|").split(" | ")] for line in lines)
    return [row for row in cells if NUMBER.match(row[0])]


@cache
def _tests(path: Path) -> frozenset[str]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    tree = ast.parse(path.read_text())
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, functions))


def test_every_row_of_the_standard_is_there_once() -> None:
    """Met, short of or not applying: none of levels 1 and 2 is left out, and none is made up."""
    told = Counter(number for row in _rows() for number in NUMBER.findall(row[0]))
    assert told == Counter(_known().keys())


def test_every_row_has_its_level() -> None:
    """The level from which on the standard asks for it."""
    for row in _rows():
        if len(row) > 2:  # not of the rows that do not apply
            assert row[1] == _known()[row[0]], row[0]


def test_every_test_that_is_named_is_there() -> None:
    """In that file, by that name."""
    named = TEST.findall(DOCUMENT.read_text())
    assert len(named) > 200
    for path, name in named:
        assert (ROOT / "tests" / path).is_file(), path
        assert name in _tests(ROOT / "tests" / path), f"{path}::{name}"


def test_every_row_says_by_what_it_is_known() -> None:
    """By tests or by review; by nothing only where it is short or the operator's."""
    for row in _rows():
        if len(row) == 2:
            assert row[1], row[0]
            continue
        _, _, about, how, tests = row
        assert about, row[0]
        assert how, row[0]
        left = TEST.sub("", tests).strip(" ,")
        assert left in WITHOUT_TEST | {""}, f"{row[0]}: {left}"
        if left == NOTHING:
            assert "**Short" in how or "Operator:**" in how, row[0]
