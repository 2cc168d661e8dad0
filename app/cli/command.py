"""The root of the command; the modules beside this one add what it can do."""

import typer

command = typer.Typer(
    name="dateline",
    help="Dateline: live coverage for newsrooms. Without a command it serves.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
