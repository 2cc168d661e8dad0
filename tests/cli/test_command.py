"""The root of the command `dateline`."""

import os
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import pytest
import typer

from app.cli.command import MODULES, command


def test_every_command_is_listed_with_its_help() -> None:
    """`MODULES` has every command, its module, and its help as the module writes it."""
    for module in {module.name for module in MODULES.values()}:
        import_module(f"app.cli.{module}")
    commands = typer.main.get_group(command).commands
    assert set(commands) == set(MODULES)
    for name, module in MODULES.items():
        loaded = commands[name]
        callbacks = [
            loaded.callback,
            *(c.callback for c in getattr(loaded, "commands", {}).values()),
        ]
        assert f"app.cli.{module.name}" in {call.__module__ for call in callbacks if call}
        assert " ".join((loaded.help or "").split("\n\n")[0].split()) == module.help


HEAVY = frozenset(
    {
        *("fastapi", "starlette", "uvicorn", "app.main", "pydantic.v1", "jinja2", "babel"),
        *("PIL", "av", "markdown_it", "linkify_it", "nh3", "tree_sitter", "boto3", "authlib"),
        *("cryptography", "fido2", "argon2", "zxcvbn_rs_py", "alembic", "prometheus_client"),
        *("click", "pygments"),
    }
)
DATABASE = frozenset({"sqlalchemy", "sqlmodel", "pydantic_settings"})
HELP = frozenset({"markdown_it", "linkify_it", "pygments"})  # rich formats it with them


@pytest.mark.parametrize("words", ["tail --help", "post --help", "--help", "--version", "nothing"])
def test_a_tool_of_a_server_imports_none_of_the_servers_code(words: str) -> None:
    """The server's packages take seconds to import; who asks for help or a tool does not wait."""
    assert _imported(words) & (HEAVY | DATABASE) <= HELP


@pytest.mark.parametrize("words", ["key create desk", "key list", "person list"])
def test_a_command_on_the_database_imports_nothing_of_the_web(tmp_path: Path, words: str) -> None:
    """Of the server's packages, it imports those of the database and no others."""
    folder = {"DATELINE_DATABASE_URL": f"sqlite:///{tmp_path}/dateline.db"}
    _imported("migrate", folder)
    assert _imported(words, folder) & HEAVY == set()


def test_a_post_to_a_server_imports_its_client_alone() -> None:
    """Neither the server's packages, nor those with which httpx is a command itself."""
    nobody = {"DATELINE_URL": "http://127.0.0.1:9", "DATELINE_API_KEY": "none"}
    imported = _imported("post --idempotency-key 1 moon-landing Contact.", nobody)
    assert "httpx" in imported
    assert imported & (HEAVY | DATABASE) == set()


def _imported(words: str, environment: Mapping[str, str] | None = None) -> set[str]:
    """Return the modules that a process has imported at the end of a command."""
    program = (
        f"import sys; sys.argv = ['dateline', *'{words}'.split()]\n"
        "from app.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(*sys.modules)"
    )
    completed = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(completed.stdout.splitlines()[-1].split())
