"""Promises of the root of the command."""

import subprocess
import sys

import pytest
import typer

from app.cli.command import MODULES, command, load_commands


def test_every_command_is_found_by_its_name() -> None:
    """What is left out of the list would only be there when all modules are loaded."""
    load_commands(["--help"])
    assert set(typer.main.get_group(command).commands) == set(MODULES)
    for name, module in MODULES.items():
        found = typer.main.get_group(command).commands[name]
        callbacks = [found.callback, *(c.callback for c in getattr(found, "commands", {}).values())]
        made_in = {callback.__module__ for callback in callbacks if callback}
        assert f"app.cli.{module}" in made_in


@pytest.mark.parametrize("name", ["tail", "post"])
def test_a_tool_of_a_server_reads_none_of_the_servers_code(name: str) -> None:
    """That takes seconds to import, and the tool starts at once."""
    program = (
        f"import sys; sys.argv = ['dateline', '{name}', '--help']\n"
        "from app.cli import main\n"
        "try: main()\n"
        "except SystemExit: print(sorted({'fastapi', 'uvicorn', 'app.main'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "[]"
