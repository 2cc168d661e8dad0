"""The root of the command line; other modules of this package add the commands.

A module is imported only when its command is called: the imports of the server take seconds, and a
tool that posts an entry needs none of them.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Annotated

import typer

from app import __version__

# The module of each command; without a known command, all of them are imported.
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
    "verify": "verifying",
}

command = typer.Typer(
    name="dateline",
    help="Dateline: live coverage for newsrooms. Without a command, it runs the server.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def load_commands(words: Sequence[str]) -> None:
    """Import the module that a command line needs.

    Args:
        words: the arguments, without the program's name.
    """
    name = words[0] if words else "serve"
    for module in [MODULES[name]] if name in MODULES else sorted(set(MODULES.values())):
        import_module(f"app.cli.{module}")


def _print_version(is_set: bool) -> None:
    if is_set:
        typer.echo(f"dateline {__version__}")
        raise typer.Exit


@command.callback(invoke_without_command=True)
def default(
    context: typer.Context,
    *,
    version: Annotated[  # noqa: ARG001  handled by its callback
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Run the server if no command is named."""
    if context.invoked_subcommand is None:
        import_module("app.cli.serving").serve()
