"""SQL is confined to `store/`, where a change of a table finds every query."""

import ast
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "app"
OTHER_SOURCES = sorted(path for path in APP.rglob("*.py") if path.parent != APP / "store")
# Types that other packages may use: a transaction, and the database's error.
TYPES = {"AsyncSession", "SQLAlchemyError"}
STATEMENTS = {
    *("add", "add_all", "begin_nested", "connection", "delete", "exec", "execute", "flush"),
    *("get", "get_bind", "get_one", "merge", "refresh", "scalar", "scalars", "stream"),
}


@pytest.mark.parametrize("path", OTHER_SOURCES, ids=lambda path: str(path.relative_to(APP)))
def test_sql_stands_in_the_store(path: Path) -> None:
    """No other package imports more of the database libraries, or calls a session's methods."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and _is_library(node.module):
            assert {alias.name for alias in node.names} <= TYPES, ast.unparse(node)
        if isinstance(node, ast.Import):
            assert not any(_is_library(alias.name) for alias in node.names), ast.unparse(node)
        if isinstance(node, ast.Attribute) and node.attr in STATEMENTS:
            value = node.value
            assert not (isinstance(value, ast.Name) and value.id == "session"), ast.unparse(node)


def _is_library(module: str | None) -> bool:
    return (module or "").partition(".")[0] in {"sqlalchemy", "sqlmodel", "aiosqlite"}
