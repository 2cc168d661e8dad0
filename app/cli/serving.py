"""`dateline`, `dateline serve` and `dateline migrate`."""

import asyncio
import gc

import orjson
import typer
from starlette.types import ASGIApp

from app.access.invitations import link_of, make_set_up_link
from app.access.keys import list_keys
from app.broker.address import open_broker
from app.cli.api import AsJson
from app.cli.command import command
from app.cli.database import open_store
from app.cli.server import listen, run_server
from app.clock import utc_now
from app.deployment import check_clock, check_settings
from app.main import before_requests, create_app, open_html_renderer
from app.settings import Settings, read_settings
from app.settings_error import SettingsError
from app.store.engine import Store

_SET_UP = """\
This newsroom has no people yet. Create its first chief with this link, once, within a day:
    {link}"""
_FIRST_KEY = """\
There is no API key yet. Create one with
    dateline key create NAME --role chief"""


@command.command()
def serve() -> None:
    """Serve on DATELINE_HOST and DATELINE_PORT until the process is stopped."""
    gc.freeze()  # what was imported stays: the collections until the server runs need not scan it
    settings = read_settings()
    try:
        open_broker(settings.broker_url)
    except ValueError as error:
        raise SettingsError(f"DATELINE_BROKER_URL: {error}") from error
    # Before the server starts, so that an unusable theme or database is one clear line.
    frontend = open_html_renderer(settings)
    set_up, has_keys, warnings = asyncio.run(_prepare(settings))
    listener = listen(settings)
    settings = settings.model_copy(update={"port": listener.getsockname()[1]})
    typer.echo(f"Dateline serves {settings.base_url}")
    if set_up is not None:
        typer.echo(_SET_UP.format(link=link_of(settings.base_url, set_up)))
    if not has_keys:
        typer.echo(_FIRST_KEY)
    app: ASGIApp | str = "app.main:serve_app"  # each of several workers builds its own
    if settings.workers == 1:
        app = before_requests(
            create_app(settings, frontend=frontend, handle_signals=True), settings
        )
    if not run_server(app, settings, listener, [*check_settings(settings), *warnings]):
        raise typer.Exit(1)


async def _prepare(settings: Settings) -> tuple[str | None, bool, list[str]]:
    """Return the secret of a new set-up link, whether there are keys, and warnings on the clocks.

    The secret is None if there are people. The link is made here and not in the workers, where
    each worker would revoke the links of the others.
    """
    async with open_store(settings) as store:
        warnings = await check_clock(store)
        async with store.writing() as session:
            set_up = await make_set_up_link(session, utc_now())
            return set_up, bool(await list_keys(session)), warnings


@command.command()
def migrate(
    *,
    json: AsJson = False,
) -> None:
    """Migrate the database to this program's schema revision."""
    applied = asyncio.run(_migrate(read_settings()))
    if json:
        typer.echo(orjson.dumps({"applied": applied}))
    else:
        typer.echo(f"Applied {', '.join(applied)}." if applied else "Nothing to apply.")


async def _migrate(settings: Settings) -> list[str]:
    store = Store(settings.database_url)
    try:
        return await store.migrate()
    finally:
        await store.close()
