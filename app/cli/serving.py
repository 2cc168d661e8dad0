"""`dateline serve` and `dateline migrate`."""

import asyncio
from typing import Annotated

import orjson
import typer

from app.access.keys import list_keys
from app.broker.address import open_broker
from app.cli.command import command
from app.cli.server import run_server
from app.main import serve_app
from app.settings import Settings, SettingsError, read_settings
from app.store.engine import Store

_FIRST_RUN = """\
This newsroom has no API key yet. Make one with
    dateline key create NAME --role chief"""


@command.callback(invoke_without_command=True)
def default(context: typer.Context) -> None:
    """Serve where no command is named."""
    if context.invoked_subcommand is None:
        serve()


@command.command()
def serve() -> None:
    """Serve on DATELINE_HOST and DATELINE_PORT until told to stop."""
    settings = read_settings()
    try:
        open_broker(settings.broker_url)
    except ValueError as error:
        raise SettingsError(f"DATELINE_BROKER_URL: {error}") from error
    # Before the server, so that a database that cannot be used is one clear line.
    if asyncio.run(_prepare(settings)):
        typer.echo(_FIRST_RUN)
    typer.echo(f"Dateline serves {settings.base_url}")
    app = serve_app() if settings.workers == 1 else "app.main:serve_app"
    if not run_server(app, settings):
        raise typer.Exit(1)


async def _prepare(settings: Settings) -> bool:
    store = Store(settings.database_url)
    await store.migrate()
    async with store.reading() as session:
        is_first_run = not await list_keys(session)
    await store.close()
    return is_first_run


@command.command()
def migrate(
    *, json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False
) -> None:
    """Bring the database's tables to this program's revision."""
    applied = asyncio.run(_migrate(read_settings()))
    if json:
        typer.echo(orjson.dumps({"applied": applied}))
    else:
        typer.echo(f"Applied {', '.join(applied)}." if applied else "Nothing to apply.")


async def _migrate(settings: Settings) -> list[str]:
    store = Store(settings.database_url)
    applied = await store.migrate()
    await store.close()
    return applied
