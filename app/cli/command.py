"""The root of the command line; other modules of this package add the commands.

A module is imported only when its command is called: the imports of the server take seconds, and a
tool that posts an entry needs none of them.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, NamedTuple

import typer

from app import __version__


class Module(NamedTuple):
    """The module of a command, and the command's help, which is listed without importing it."""

    name: str
    help: str


MODULES = {
    "serve": Module(
        "serving", "Serve on DATELINE_HOST and DATELINE_PORT until the process is stopped."
    ),
    "demo": Module(
        "demonstration",
        "Serve on a temporary database, with a story replaying live: the landing on the Moon, say.",
    ),
    "key": Module("keys", "API keys for newsroom tools."),
    "person": Module("people", "People who sign in to the desk."),
    "post": Module(
        "posting", "Publish an entry, and print its address and the cursor of its event."
    ),
    "tail": Module("tailing", "Print a coverage's events as they happen, until Ctrl-C."),
    "export": Module(
        "exporting",
        "Export a coverage as JSON Lines: its journal, and the drafts that the key may read.",
    ),
    "import": Module(
        "importing",
        "Import a coverage from a file with its original times, and print what was read.",
    ),
    "verify": Module(
        "verifying", "Check that no published history was changed since it was signed."
    ),
    "migrate": Module("serving", "Migrate the database to this program's schema revision."),
}


def _print_version(is_set: bool) -> None:
    if is_set:
        typer.echo(f"dateline {__version__}")
        raise typer.Exit


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


def _open_root() -> typer.Typer:
    root = typer.Typer(
        name="dateline",
        help="Dateline: live coverage for newsrooms. Without a command, it runs the server.",
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    root.callback(invoke_without_command=True)(default)
    return root


command = _open_root()


def find_root(words: Sequence[str]) -> typer.Typer:
    """Import the module that a command line needs, and return the root with its command.

    Args:
        words: the arguments, without the program's name. Without a known command among them, the
            root that is returned only lists the commands.
    """
    named = [word for word in words if word != "--"]
    name = named[0] if named else "serve"
    if name in MODULES:
        import_module(f"app.cli.{MODULES[name].name}")
        return command
    listing = _open_root()
    for listed, module in MODULES.items():
        listing.command(listed, help=module.help)(_list_only)
    return listing


def _list_only() -> None:
    """Stand for a command in the list of commands, and in the message about an unknown one."""
