"""The root of the command `dateline`."""

import subprocess
import sys

import pytest
import typer

from app.cli.command import MODULES, command, load_commands


def test_every_command_is_found_by_its_name() -> None:
    """Every command is in `MODULES`; one that is missing is loaded only along with all modules."""
    load_commands(["--help"])
    assert set(typer.main.get_group(command).commands) == set(MODULES)
    for name, module in MODULES.items():
        loaded = typer.main.get_group(command).commands[name]
        callbacks = [
            loaded.callback,
            *(c.callback for c in getattr(loaded, "commands", {}).values()),
        ]
        modules = {callback.__module__ for callback in callbacks if callback}
        assert f"app.cli.{module}" in modules


@pytest.mark.parametrize("name", ["tail", "post"])
def test_a_tool_of_a_server_reads_none_of_the_servers_code(name: str) -> None:
    """The server's packages take seconds to import; `tail` and `post` do not import them."""
    program = (
        f"import sys; sys.argv = ['dateline', '{name}', '--help']\n"
        "from app.cli import main\n"
        "try: main()\n"
        "except SystemExit: print(sorted({'fastapi', 'uvicorn', 'app.main'} & set(sys.modules)))"
    )
    completed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert completed.stdout.splitlines()[-1] == "[]"
