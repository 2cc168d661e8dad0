"""The root of the command; the modules beside this one add what it can do.

A module is imported when its command is called: those that serve take seconds, and a tool that
posts an entry needs none of them.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Annotated

import typer

from app import __version__

# The module of each command; all of them are imported where no single one is called.
MODULES = {
    "demo": "demonstration",
    "export": "exporting",
    "import": "importing",
    "key": "keys",
    "migrate": "serving",
    "person": "people",
    "post": "posting",
    "serve": "serving",
    "tail": "tailing",
}

command = typer.Typer(
    name="dateline",
    help="Dateline: live coverage for newsrooms. Without a command it serves.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def load_commands(words: Sequence[str]) -> None:
    """Import what a command line needs.

    Args:
        words: of the command line, without the program's name.
    """
    named = words[0] if words else "serve"
    for module in [MODULES[named]] if named in MODULES else sorted(set(MODULES.values())):
        import_module(f"app.cli.{module}")


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"dateline {__version__}")
        raise typer.Exit


@command.callback(invoke_without_command=True)
def default(
    context: typer.Context,
    *,
    version: Annotated[  # noqa: ARG001  its callback answers it
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Say which.")
    ] = False,
) -> None:
    """Serve where no command is named."""
    if context.invoked_subcommand is None:
        import_module("app.cli.serving").serve()
