"""The table in docs/architecture.md agrees with the source."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_ROW = re.compile(r"^\| ([^|`]+) \| `([^`]+)` \| `([^`]+)` \|$", re.MULTILINE)
_PATH = re.compile(r"^ {2}([a-z_]+(?:/[a-z_]+)+(?:\.py|/))", re.MULTILINE)
TEXT = (ROOT / "docs" / "architecture.md").read_text()
ROWS = _ROW.findall(TEXT)


@pytest.mark.parametrize(("behaviour", "path", "name"), ROWS, ids=[row[0] for row in ROWS])
def test_a_behaviour_is_where_the_table_says(behaviour: str, path: str, name: str) -> None:
    """The file contains the name."""
    source = (ROOT / "app" / path).read_text()
    assert re.search(rf"\b{re.escape(name)}\b", source), f"{behaviour}: no {name} in {path}"


def test_every_file_on_the_ways_is_there() -> None:
    """The files on the paths of a write, a read, a stream and a picture exist."""
    paths = _PATH.findall(TEXT)
    assert len(paths) > 20
    for path in paths:
        assert (ROOT / "app" / path).exists(), path


def test_no_behaviour_is_named_twice() -> None:
    """The table has 51 behaviours, each once."""
    behaviours = [row[0] for row in ROWS]
    assert len(behaviours) == len(set(behaviours)) == 51
