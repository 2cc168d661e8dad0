"""Rules of where SQL stands: a query that is elsewhere is found by nobody who changes a table."""

import ast
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "app"
ELSEWHERE = sorted(path for path in APP.rglob("*.py") if path.parent != APP / "store")
# What others hold in their hands: a transaction, and the failure of the database.
TYPES = {"AsyncSession", "SQLAlchemyError"}
STATEMENTS = {
    *("add", "add_all", "begin_nested", "connection", "delete", "exec", "execute", "flush"),
    *("get", "get_bind", "get_one", "merge", "refresh", "scalar", "scalars", "stream"),
}


@pytest.mark.parametrize("path", ELSEWHERE, ids=lambda path: str(path.relative_to(APP)))
def test_sql_stands_in_the_store(path: Path) -> None:
    """No other room imports more of the database's libraries, or asks a transaction anything."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and _is_library(node.module):
            assert {alias.name for alias in node.names} <= TYPES, ast.unparse(node)
        if isinstance(node, ast.Import):
            assert not any(_is_library(alias.name) for alias in node.names), ast.unparse(node)
        if isinstance(node, ast.Attribute) and node.attr in STATEMENTS:
            asked = node.value
            assert not (isinstance(asked, ast.Name) and asked.id == "session"), ast.unparse(node)


def _is_library(module: str | None) -> bool:
    return (module or "").partition(".")[0] in {"sqlalchemy", "sqlmodel", "aiosqlite"}
