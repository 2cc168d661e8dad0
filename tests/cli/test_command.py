"""The root of the command `dateline`."""

import subprocess
import sys
from importlib import import_module

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


@pytest.mark.parametrize("words", ["tail --help", "post --help", "--help", "--version", "nothing"])
def test_a_tool_of_a_server_reads_none_of_the_servers_code(words: str) -> None:
    """The server's packages take seconds to import; who asks for help or a tool does not wait."""
    program = (
        f"import sys; sys.argv = ['dateline', *'{words}'.split()]\n"
        "from app.cli import main\n"
        "try: main()\n"
        "except SystemExit:\n"
        "    slow = {'fastapi', 'uvicorn', 'sqlalchemy', 'app.main'}\n"
        "    print(sorted(slow & set(sys.modules)))"
    )
    completed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert completed.stdout.splitlines()[-1] == "[]"
