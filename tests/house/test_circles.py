"""There are no import cycles."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def read_imports(folder: Path) -> dict[str, set[str]]:
    """Return the modules of a package, each with those that it imports from the package.

    Imports for types and imports within functions are included.
    """
    paths = {_name(path, folder): path for path in folder.rglob("*.py")}
    return {
        name: {imported for imported in _imported(path) if imported in paths} - {name}
        for name, path in paths.items()
    }


def _name(path: Path, folder: Path) -> str:
    parts = path.relative_to(folder.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"a relative import in {path}"
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_no_modules_import_each_other() -> None:
    """The application has no import cycle, also counting imports for types."""
    imports = read_imports(ROOT / "app")
    assert len(imports) > 100
    TopologicalSorter(imports).prepare()


def test_a_circle_is_found(tmp_path: Path) -> None:
    """A cycle is found if it is closed by a module, by a type or within a function."""
    (tmp_path / "app").mkdir()
    first, second = tmp_path / "app" / "a.py", tmp_path / "app" / "b.py"
    first.write_text("from app.b import B\n")
    for text in (
        "import app.a\n",
        "if TYPE_CHECKING:\n    from app import a\n",
        "def f():\n    from app.a import A\n",
    ):
        second.write_text(text)
        with pytest.raises(CycleError, match=r"app\.a"):
            TopologicalSorter(read_imports(tmp_path / "app")).prepare()
