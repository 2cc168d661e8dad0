"""Conventions of the project that no linter checks."""

import ast
import importlib
import pkgutil
import re
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import app
from app.settings import Settings
from app.web import problems

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "app").rglob("*.py"))
LONGEST_FILE, LONGEST_FUNCTION = 400, 40
ROLES = {"utils", "helpers", "common", "core", "service", "manager", "handler", "base"}


def _tracked() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode:
        pytest.skip("not a git checkout")
    return [path for line in listing.stdout.splitlines() if (path := ROOT / line).is_file()]


def _modules() -> Iterator[str]:
    for module in pkgutil.walk_packages(app.__path__, "app."):
        if module.name != "app.__main__":
            yield module.name


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_file_or_function_outgrows_its_noun(path: Path) -> None:
    """A file has at most 400 lines and a function 40; no file is named after a role."""
    text = path.read_text()
    assert len(text.splitlines()) <= LONGEST_FILE
    assert path.stem not in ROLES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
            length = (node.end_lineno or 0) - first.lineno + 1
            assert length <= LONGEST_FUNCTION, f"{node.name} has {length} lines"


def test_every_refusal_has_its_problem() -> None:
    """Every exception of the packages that handlers call has an entry in the table of problems."""
    in_table = set(problems.KINDS)
    exceptions = set()
    packages = ("app.timeline", "app.access", "app.hub", "app.web")
    for name in _modules():
        if name.startswith(packages):
            module = importlib.import_module(name)
            exceptions |= {
                value
                for value in vars(module).values()
                if isinstance(value, type)
                and issubclass(value, Exception)
                and value.__module__ == name
            }
    abstract = {"TimelineError", "StatementError"}
    missing = {e.__name__ for e in exceptions if not in_table & set(e.__mro__)} - abstract
    assert not missing


def test_every_setting_is_in_the_reference() -> None:
    """docs/reference/settings.md names exactly the settings, with their defaults."""
    text = (ROOT / "docs" / "reference" / "settings.md").read_text()
    named = set(re.findall(r"`(DATELINE_[A-Z_]+)`", text))
    settings = {
        f"DATELINE_{name.upper()}": field.default for name, field in Settings.model_fields.items()
    }
    tools = dict.fromkeys(("DATELINE_URL", "DATELINE_API_KEY"))
    assert named == settings.keys() | tools.keys()
    rows = re.findall(r"^\| `(DATELINE_[A-Z_]+)` \| ([^|]+) \|", text, re.MULTILINE)
    documented = {name: _as_setting(default, settings.get(name)) for name, default in rows}
    computed = {"DATELINE_PUBLIC_URL": "http://HOST:PORT"}
    assert documented == settings | tools | computed


def _as_setting(cell: str, default: object) -> object:
    """Return the value that the reference's column of defaults gives to a setting.

    Args:
        cell: the text of the column.
        default: the actual default, whose type is that of the result.
    """
    if cell == "none":
        return () if default == () else None
    if isinstance(default, timedelta):
        number, unit = cell.split()
        return timedelta(**{unit: int(number)})
    value = cell.strip("`")
    if isinstance(default, tuple):
        return tuple(value.split(","))
    return value if default is None else type(default)(value)


def test_every_setting_says_what_it_is() -> None:
    """Every setting has a description."""
    assert all(field.description for field in Settings.model_fields.values())


def test_the_repository_names_no_machine_and_no_registry() -> None:
    """No address of a package registry and no path of a developer's machine is committed."""
    registry = re.compile(
        r"files\.pythonhosted\.org|pypi\.org/simple|registry\.npmjs\.org|deb\.debian\.org"
    )
    machine = re.compile(r"(?<![\w.])/(?:work|farm|root)/\w")
    for path in _tracked():
        if path.suffix in {".jpg", ".png", ".webp"} or path == Path(__file__):
            continue
        text = path.read_text(errors="replace")
        assert not registry.search(text), path
        assert not machine.search(text), path


def test_the_version_has_its_chapter_in_the_changelog() -> None:
    """CHANGELOG.md has a chapter for unreleased changes."""
    assert "## [Unreleased]" in (ROOT / "CHANGELOG.md").read_text()
