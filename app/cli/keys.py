"""`dateline key`: API keys, made and ended in the database itself."""

from typing import Annotated

import orjson
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.keys import Key, UnknownKey, create_key, list_keys, revoke_key
from app.access.roles import Role
from app.cli.api import AsJson
from app.cli.command import command
from app.cli.record import in_store
from app.cli.refusal import Refused
from app.desk.forms import KeyForm
from app.desk.keys import key_record
from app.framing.history import format_time
from app.rooms import utc_now
from app.store.coverages import find_coverage
from app.timeline.errors import UnknownCoverage
from app.web.problems import complaint

keys = typer.Typer(help="API keys for newsroom tools.", no_args_is_help=True)
command.add_typer(keys, name="key")


@keys.command()
def create(
    name: Annotated[str, typer.Argument(help="Whose key it is, for the list.")],
    role: Annotated[Role, typer.Option(help="How far it goes.")] = "editor",
    coverage: Annotated[
        str | None, typer.Option(help="The only coverage that it opens, by slug.")
    ] = None,
    *,
    json: AsJson = False,
) -> None:
    """Make a key and print it: this once, on a line of its own."""
    try:
        form = KeyForm(name=name, role=role)
    except ValidationError as error:
        raise Refused(f"the key's name {complaint(error.errors()[0]['msg'])}") from error

    async def act(session: AsyncSession) -> tuple[Key, str]:
        if coverage is not None:
            await find_coverage(session, coverage)
        return await create_key(session, form.name, form.role, utc_now(), coverage)

    try:
        key, secret = in_store(act)
    except UnknownCoverage as error:
        raise Refused(f"there is no coverage {coverage}") from error
    if json:
        typer.echo(orjson.dumps(key_record(key) | {"key": secret}))
    else:
        typer.echo(secret)


@keys.command("list")
def list_all(*, json: AsJson = False) -> None:
    """List all keys, revoked ones too."""
    found = in_store(list_keys)
    if json:
        typer.echo(orjson.dumps({"keys": [key_record(key) for key in found]}))
        return
    table = Table("id", "name", "role", "coverage", "made", "revoked")
    for key in found:
        revoked = format_time(key.revoked_at) if key.revoked_at else ""
        made = format_time(key.created_at)
        table.add_row(key.id, key.name, key.role, key.coverage or "", made, revoked)
    Console().print(table)


@keys.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="The key's id, as listed.")],
    *,
    json: AsJson = False,
) -> None:
    """End a key at once."""
    try:
        key = in_store(lambda session: revoke_key(session, key_id, utc_now()))
    except UnknownKey as error:
        raise Refused(str(error)) from error
    typer.echo(orjson.dumps(key_record(key)) if json else f"{key.name} ({key.id}) is revoked.")
